defmodule Rebeam.Trees.DynamicServer do
  @moduledoc false
  # Elixir's DynamicSupervisor, but for how it ends all of its children. Its own way takes a time that
  # grows with the square of their number: it watches one, tells it to end, and comes to the next,
  # looking each time through what the others said meanwhile. Here all are watched, then all are told:
  #
  #   watch each --> tell each --> hear of each; who is over its time is killed --> DynamicSupervisor,
  #                                                                which reports who ended as none should
  @behaviour GenServer

  alias Rebeam.Trees.DynamicServer.Ends

  @doc "As `DynamicSupervisor.start_link/3`."
  @spec start_link(module, term, GenServer.options()) :: GenServer.on_start()
  def start_link(module, argument, options),
    do: GenServer.start_link(__MODULE__, {module, argument, options[:name]}, options)

  @impl true
  defdelegate init(argument), to: DynamicSupervisor
  @impl true
  defdelegate handle_call(request, from, state), to: DynamicSupervisor
  @impl true
  defdelegate handle_cast(request, state), to: DynamicSupervisor
  @impl true
  defdelegate handle_info(message, state), to: DynamicSupervisor
  @impl true
  defdelegate code_change(version, state, extra), to: DynamicSupervisor

  @impl true
  def terminate(reason, %{children: children} = state) do
    ends = for {pid, {_, _, _, _, _} = child} <- children, into: %{}, do: {pid, child}
    DynamicSupervisor.terminate(reason, %{state | children: Ends.await(ends)})
  end

  defmodule Ends do
    @moduledoc false
    # Children, as DynamicSupervisor has them, that end together.

    @type child ::
            {mfa :: term, :supervisor.restart(), :supervisor.shutdown(), type :: atom, term}

    @doc """
    Ends them all, each within its shutdown time, as their supervisor. Returns those of which it
    is to be reported how they ended: the calling process has a message of that for each.
    """
    @spec await(%{pid => child}) :: %{pid => child}
    def await(children) do
      for {pid, _} <- children, do: Process.monitor(pid) && Process.unlink(pid)

      children
      |> Enum.group_by(fn {_, {_, _, shutdown, _, _}} -> shutdown end, &elem(&1, 0))
      |> Enum.each(&tell/1)

      bad = await(children, %{}, [])
      for {pid, reason} <- bad, do: send(self(), {:EXIT, pid, reason})
      Map.take(children, Enum.map(bad, &elem(&1, 0)))
    end

    defp tell({:brutal_kill, pids}), do: Enum.each(pids, &Process.exit(&1, :kill))

    defp tell({shutdown, pids}) do
      Enum.each(pids, &Process.exit(&1, :shutdown))
      if shutdown != :infinity, do: :erlang.start_timer(shutdown, self(), {__MODULE__, pids})
    end

    # `before`: how those ended that had ended before they were watched.
    defp await(children, _before, bad) when children == %{}, do: bad

    defp await(children, before, bad) do
      receive do
        {:EXIT, pid, reason} ->
          await(children, Map.put(before, pid, reason), bad)

        {:DOWN, _, :process, pid, reason} when is_map_key(children, pid) ->
          {child, left} = Map.pop(children, pid)
          reason = if reason == :noproc, do: Map.get(before, pid, reason), else: reason
          await(left, before, if(good?(child, reason), do: bad, else: [{pid, reason} | bad]))

        {:timeout, _, {__MODULE__, pids}} ->
          for pid <- pids, is_map_key(children, pid), do: Process.exit(pid, :kill)
          await(children, before, bad)

        # Nobody is answered any more.
        _ ->
          await(children, before, bad)
      end
    end

    defp good?({_, _, :brutal_kill, _, _}, reason), do: reason == :killed
    defp good?(_child, :shutdown), do: true
    defp good?(_child, {:shutdown, _}), do: true
    defp good?({_, restart, _, _, _}, :normal), do: restart != :permanent
    defp good?(_child, _reason), do: false
  end
end
