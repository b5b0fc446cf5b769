defmodule Rebeam.Names.Global do
  @moduledoc false
  # Names that one process has in all of the cluster: OTP's `:global`, under the text itself, so that
  # Elixir's `{:global, "name"}` is the same process. Units are hidden nodes, which `:global` leaves
  # out: their main node has the names for them.
  #
  # Two parts of a cluster that were apart may bring the same name: then one of both processes ends.

  alias Rebeam.{Deadline, Nodes}

  # How much less than a unit waits for its main node, in milliseconds.
  @margin 500

  # Whether a process may have several names, for `:global`.
  @several :global_multi_name_action

  @type taken :: {:error, {:already_registered, pid} | :timeout}

  @doc "The process, of this node or a unit of it, gets the name."
  @spec register(String.t(), pid) :: :ok | taken
  def register(name, pid), do: on_main(:register_here, [name, pid])

  @doc "It has the name no more, if it had it."
  @spec unregister(String.t(), pid) :: :ok | {:error, :timeout}
  def unregister(name, pid), do: on_main(:unregister_here, [name, pid])

  @doc "On the main node: who has the name, as far as this node knows. Waits for nobody."
  @spec find(String.t()) :: {:ok, pid} | :none
  def find(name) do
    case :global.whereis_name(name) do
      pid when is_pid(pid) -> {:ok, pid}
      :undefined -> find_atom(name)
    end
  end

  # What Elixir registered under an atom.
  defp find_atom(name) do
    case :global.whereis_name(String.to_existing_atom(name)) do
      pid when is_pid(pid) -> {:ok, pid}
      :undefined -> :none
    end
  rescue
    ArgumentError -> :none
  end

  @doc "All names that are text, of processes that live."
  @spec registered() :: [String.t()]
  def registered, do: on_main(:registered_here, [])

  defp on_main(function, arguments) do
    Nodes.on_main(__MODULE__, function, arguments)
  catch
    :error, {:erpc, :timeout} -> {:error, :timeout}
  end

  # ---- on the main node --------------------------------------------------------------------------

  @doc false
  def registered_here do
    named = for name <- :global.registered_names(), is_binary(name), do: {name, find(name)}
    named = for {name, {:ok, pid}} <- named, do: {name, pid}
    infos = named |> Enum.map(&elem(&1, 1)) |> Enum.uniq() |> Nodes.process_infos([:status])
    for {name, pid} <- named, Map.get(infos, pid, :unknown) != nil, do: name
  end

  @doc false
  def register_here(name, pid) do
    allow_several_names()
    deadline = Deadline.of(Nodes.patience())

    in_time(fn -> claim(name, pid, deadline) end, fn result ->
      if result == :ok, do: give_up(name, pid)
    end)
  end

  @doc false
  def unregister_here(name, pid), do: in_time(fn -> give_up(name, pid) end, fn _ -> :ok end)

  # All nodes have to agree, and one of them may be stopped: what comes too late is taken back.
  defp in_time(fun, too_late) do
    helper = spawn(fn -> help(fun, too_late) end)
    reply = :erlang.monitor(:process, helper, alias: :reply_demonitor)
    send(helper, {:begin, reply})

    receive do
      {^reply, result} -> heard(helper, result)
      {:DOWN, ^reply, :process, _, reason} -> exit(reason)
    after
      Nodes.patience() - @margin ->
        Process.demonitor(reply, [:flush])
        given_up(helper, reply)
    end
  end

  defp given_up(helper, reply) do
    receive do
      {^reply, result} -> heard(helper, result)
    after
      0 -> send(helper, :too_late) && {:error, :timeout}
    end
  end

  defp heard(helper, result) do
    send(helper, :heard)
    result
  end

  # Who asked may have ended meanwhile.
  defp help(fun, too_late) do
    receive do
      {:begin, reply} ->
        result = fun.()
        send(reply, {reply, result})

        receive do
          :heard -> :ok
          :too_late -> too_late.(result)
        after
          Nodes.patience() -> too_late.(result)
        end
    end
  end

  # The name of a process that has ended is free as soon as all have heard of that.
  defp claim(name, pid, deadline) do
    with :no <- :global.register_name(name, pid, &__MODULE__.resolve/3),
         {:ok, holder} <- holder(name),
         true <- Nodes.alive(holder) != false do
      {:error, {:already_registered, holder}}
    else
      :yes -> :ok
      _nobody -> unless Deadline.over?(deadline), do: claim_again(name, pid, deadline)
    end
  end

  defp claim_again(name, pid, deadline) do
    Process.sleep(1)
    claim(name, pid, deadline)
  end

  # Unless the program's configuration has said so, OTP refuses a second name.
  defp allow_several_names do
    if Application.get_env(:kernel, @several) == nil,
      do: Application.put_env(:kernel, @several, :allow)
  end

  defp holder(name) do
    case :global.whereis_name(name) do
      pid when is_pid(pid) -> {:ok, pid}
      :undefined -> :none
    end
  end

  defp give_up(name, pid) do
    if holder(name) == {:ok, pid}, do: :global.unregister_name(name)
    :ok
  end

  @doc false
  # Which of two is kept, all nodes find alike.
  def resolve(name, one, other) do
    Process.exit(min(one, other), "another process has the name #{inspect(name)} in the cluster")
    max(one, other)
  end
end
