defmodule Rebeam.Front.StandIn do
  @moduledoc false
  # Stands in a front for what Elixir has started on the main node: a script, an actor, a session. It is the
  # child of its supervisor here, has the names that are Elixir's own, hands on what comes to it, and ends
  # as that ends. parent.ex is its half there.
  use GenServer

  alias Rebeam.{Log, Nodes, Output}
  alias Rebeam.Actor.Exits
  alias Rebeam.Front.Parent
  alias Rebeam.Python.Runtime

  @type kind :: :script | :actor

  # As `Rebeam.Units.StandIn` has it.
  @actor :"$rebeam_actor"

  @doc """
  Starts it by `GenServer.start_link/3`, or its like. The function is called on the main node with the
  arguments, and with the options behind them.
  """
  @spec start((module, term, list -> GenServer.on_start()), {module, atom}, list, keyword, kind) ::
          GenServer.on_start()
  def start(start, {module, function}, arguments, options, kind) do
    {name, options} = split(options)

    with :ok <- Runtime.ensure(Keyword.take(options, [:python, :script])) do
      call = {module, function, arguments ++ [Keyword.delete(options, :python)]}
      start.(__MODULE__, {call, Output.leader(), kind}, name)
    end
  end

  # Names that Python knows are of the process there.
  defp split(options) do
    if is_binary(options[:name]),
      do: {[], options},
      else:
        {for({:name, name} <- options, name != nil, do: {:name, name}),
         Keyword.delete(options, :name)}
  end

  @doc "What such a process stands for; any other is itself."
  @spec actor(GenServer.server()) :: GenServer.server()
  def actor(server) do
    with pid when is_pid(pid) and node(pid) == node() <- GenServer.whereis(server),
         {:dictionary, dictionary} <- Process.info(pid, :dictionary),
         do: Keyword.get(dictionary, @actor, server),
         else: (_ -> server)
  end

  @impl true
  def init({call, leader, kind}) do
    Process.flag(:trap_exit, true)
    # What it ends with was logged where that happened.
    Log.said()
    parent = Node.spawn_link(Nodes.main(), Parent, :init, [self(), leader, call])
    started(%{parent: parent, kind: kind})
  end

  defp started(%{parent: parent} = state) do
    supervisor = Exits.parent()

    receive do
      {Parent, ^parent, {:ok, pid}} ->
        Process.put(@actor, pid)
        {:ok, Map.put(state, :actor, pid)}

      {Parent, ^parent, :ignore} ->
        :ignore

      {Parent, ^parent, {:error, reason}} ->
        refused(reason, state)

      {:EXIT, ^parent, reason} ->
        refused(reason, state)

      {:EXIT, ^supervisor, reason} ->
        end_parent(reason, state)
        exit(reason)

      # Of GenServer.stop, which wants that reason.
      {:system, from, {:terminate, reason}} ->
        GenServer.reply(from, :ok)
        end_parent(:shutdown, state)
        :proc_lib.init_ack({:error, :stopped})
        exit(reason)
    end
  end

  # Who starts a script is told by the answer, and need not trap exits for that.
  defp refused(reason, %{kind: kind}) do
    supervisor = Exits.parent()
    if kind == :script and is_pid(supervisor), do: Process.unlink(supervisor)
    {:stop, reason}
  end

  @impl true
  def handle_call(request, from, state), do: hand_on({:"$gen_call", from, request}, state)

  @impl true
  def handle_cast(request, state), do: hand_on({:"$gen_cast", request}, state)

  @impl true
  def handle_info({:EXIT, parent, reason}, %{parent: parent} = state), do: {:stop, reason, state}
  def handle_info({:EXIT, _other, :normal}, state), do: {:noreply, state}
  def handle_info({:EXIT, _other, reason}, state), do: {:stop, reason, state}
  def handle_info(message, state), do: hand_on(message, state)

  defp hand_on(message, state) do
    send(state.actor, message)
    {:noreply, state}
  end

  @impl true
  def terminate(reason, state), do: end_parent(reason, state)

  defp end_parent(reason, %{parent: parent}) do
    monitor = Process.monitor(parent)
    Process.exit(parent, reason)

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end
end
