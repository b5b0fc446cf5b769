defmodule Parity.Worker do
  @moduledoc false
  # The child on the Elixir side.
  use GenServer

  def start_link(collector, id), do: GenServer.start_link(__MODULE__, {collector, id})

  @impl true
  def init({collector, id} = state) do
    Process.flag(:trap_exit, true)

    case GenServer.call(collector, {:starting, id}) do
      :ok -> {:ok, state}
      :fail -> {:stop, :no_start}
      :slow -> Process.sleep(40) && {:stop, :no_start}
    end
  end

  @impl true
  def handle_cast(:finish, state), do: {:stop, :normal, state}
  def handle_cast(:crash, _state), do: raise("on purpose")

  @impl true
  def handle_info({:EXIT, _, reason}, state), do: {:stop, reason, state}

  @impl true
  def terminate(_reason, {collector, id}) do
    Process.sleep(GenServer.call(collector, {:stopping, id}))
  end
end

defmodule Parity.ElixirSide do
  @moduledoc false
  # Supervisors and children of Elixir. Results are OTP's own words.
  @behaviour :supervisor

  @impl true
  def init({flags, children}), do: {:ok, {flags, children}}

  def begin(collector), do: %{collector: collector, sup: nil, holder: nil, dynamic?: false}

  def start(state, tree) do
    parent = self()

    holder =
      spawn(fn ->
        Process.flag(:trap_exit, true)
        send(parent, {self(), start_link(state.collector, tree)})
        hold()
      end)

    receive do
      {^holder, {:ok, sup}} -> {"ok", %{state | sup: sup, holder: holder, dynamic?: tree.dynamic}}
      {^holder, {:error, reason}} -> {word(reason), state}
    end
  end

  defp hold do
    receive do
      {:shutdown, sup} -> Process.exit(sup, :shutdown)
    end

    receive do: ({:EXIT, _, _} -> :ok)
  end

  def shutdown(state), do: send(state.holder, {:shutdown, state.sup})

  def crash(_state, pid), do: GenServer.cast(pid, :crash)
  def finish(_state, pid), do: GenServer.cast(pid, :finish)

  def start_child(%{dynamic?: true} = state, child),
    do: result(DynamicSupervisor.start_child(state.sup, spec(state.collector, child)))

  def start_child(state, child),
    do: result(:supervisor.start_child(state.sup, spec(state.collector, child)))

  def terminate(%{dynamic?: true} = state, _id, pid),
    do: result(DynamicSupervisor.terminate_child(state.sup, pid))

  def terminate(state, id, _pid), do: result(:supervisor.terminate_child(state.sup, id))
  def restart(state, id), do: result(:supervisor.restart_child(state.sup, id))
  def delete(state, id), do: result(:supervisor.delete_child(state.sup, id))

  def which(state) do
    for {id, pid, type, _} <- :supervisor.which_children(state.sup) do
      status = %{restarting: "restarting", undefined: "stopped"}[pid] || "running"
      "#{if id == :undefined, do: "-", else: id} #{type} #{status}"
    end
  end

  def count(state) do
    counts = :supervisor.count_children(state.sup)
    for key <- ~w(specs active supervisors workers)a, do: counts[key]
  end

  # ---- declarations ----------------------------------------------------------------

  defp start_link(_collector, %{dynamic: true} = tree) do
    DynamicSupervisor.start_link(
      strategy: :one_for_one,
      max_restarts: tree.intensity,
      max_seconds: tree.period,
      max_children: tree.max_children || :infinity
    )
  end

  defp start_link(collector, tree) do
    start(collector, tree.strategy, flags(tree), tree.children)
  end

  def start(collector, _strategy, flags, children) do
    :supervisor.start_link(__MODULE__, {flags, Enum.map(children, &spec(collector, &1))})
  end

  defp flags(tree) do
    %{
      strategy: tree.strategy,
      intensity: tree.intensity,
      period: tree.period,
      auto_shutdown: tree.auto_shutdown
    }
  end

  defp spec(collector, %{tree: nil} = child) do
    start = {Parity.Worker, :start_link, [collector, child.id]}
    Map.merge(common(child), %{type: :worker, start: start, shutdown: child.shutdown || 5000})
  end

  defp spec(collector, %{tree: tree} = child) do
    start = {__MODULE__, :start, [collector, tree.strategy, flags(tree), tree.children]}
    Map.merge(common(child), %{type: :supervisor, start: start, shutdown: :infinity})
  end

  defp common(child), do: Map.take(child, [:id, :restart, :significant])

  defp result(:ok), do: "ok"
  defp result({:ok, pid}) when is_pid(pid), do: "ok"
  defp result({:error, reason}), do: word(reason)

  @words [:already_present, :running, :restarting, :not_found, :max_children]
  defp word(word) when word in @words, do: Atom.to_string(word)
  defp word({:already_started, _}), do: "already_started"
  defp word({:bad_combination, _}), do: "bad_combination"
  defp word({:start_spec, reason}), do: word(reason)
  defp word({:shutdown, {:failed_to_start_child, id, reason}}), do: "#{id}: #{word(reason)}"
  defp word(_), do: "failed"
end
