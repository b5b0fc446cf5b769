defmodule Rebeam.Units.Pool do
  @moduledoc false
  # The units of this program, on its main node: starts them, all of a kind in parallel when
  # the first child needs one, places children in turn, replaces units that end.
  #
  # A unit is a process that is linked to this one, and that never waits for it. It says
  # `{:unit, pid, :ready, target}` once children can start in it, and ends when the unit does,
  # with `{:shutdown, text}`.
  #
  #   starting --ready--> ready --ends--> replaced at once
  #      \--ends--> failed: whoever waits hears why; tried again when a child asks
  use GenServer

  alias Rebeam.{Deadline, Nodes, Units}
  alias Rebeam.Message.Groups
  alias Rebeam.Nodes.Courier
  alias Rebeam.Units.{Boot, Epmd, Interpreter, Losses, Programs}

  require Logger

  @modules %{"process" => Units.Process, "interpreter" => Interpreter}

  # All who ask about the loss of a unit have asked by then, in milliseconds.
  @losses_kept 60_000

  def child_spec(_) do
    %{id: __MODULE__, start: {__MODULE__, :start_link, []}, shutdown: shutdown() + 1_000}
  end

  # How long the units may take to end in order, in milliseconds; each has less.
  defp shutdown, do: Boot.finish_timeout() + 1_000

  def start_link, do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Where a child of that isolation starts. Waits for a unit that is up."
  @spec place(Units.isolation()) :: {:ok, Units.target()} | {:error, String.t()}
  def place(isolation), do: GenServer.call(__MODULE__, {:place, isolation}, :infinity)

  @doc "Starts the units of a kind ahead of the first child."
  @spec warm(Units.isolation()) :: :ok
  def warm(isolation), do: GenServer.cast(__MODULE__, {:warm, isolation})

  @doc "The unit at that node is gone, before its end is known: no child is placed there."
  @spec lost(node) :: :ok
  def lost(node), do: GenServer.call(__MODULE__, {:lost, node})

  @doc "The units that are up: kind, number, process and target of each."
  @spec units :: [{Units.isolation(), pos_integer, pid, Units.target()}]
  def units, do: GenServer.call(__MODULE__, :units)

  @doc "Ends all units in order."
  @spec stop :: :ok
  def stop, do: GenServer.call(__MODULE__, :stop, shutdown() + 1_000)

  # ---- the server ----------------------------------------------------------------------------

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    :net_kernel.monitor_nodes(true)
    Losses.new()
    {:ok, %{kinds: %{}, ports: %{}, stopped?: false}}
  end

  @impl true
  def handle_call({:place, _isolation}, _from, %{stopped?: true} = state),
    do: {:reply, {:error, "the program is ending: no unit takes a child"}, state}

  def handle_call({:place, isolation}, from, state) do
    kind = state |> started(isolation) |> update_in([:waiting], &[from | &1]) |> serve()
    {:noreply, put_in(state.kinds[isolation], kind)}
  end

  def handle_call({:lost, node}, _from, state) do
    kinds =
      Map.new(state.kinds, fn {isolation, kind} -> {isolation, lose(kind, {:node, node})} end)

    {:reply, :ok, %{state | kinds: kinds}}
  end

  def handle_call(:units, _from, state) do
    units =
      for {isolation, kind} <- state.kinds,
          {pid, %{index: index, target: target}} when target != nil <- kind.units,
          do: {isolation, index, pid, target}

    {:reply, Enum.sort(units), state}
  end

  def handle_call(:stop, _from, state), do: {:reply, :ok, stop_all(state)}

  @impl true
  def handle_cast({:warm, isolation}, state),
    do: {:noreply, put_in(state.kinds[isolation], started(state, isolation))}

  @impl true
  def handle_info({:unit, pid, :listening, node_and_port}, state) do
    state = put_in(state.ports[pid], node_and_port)
    Epmd.learn(Map.new(Map.values(state.ports)))
    send(pid, :known)
    {:noreply, state}
  end

  def handle_info({:unit, pid, :ready, target}, state) do
    discover(target, state)
    {:noreply, change(state, pid, &serve(up(&1, pid, target)))}
  end

  def handle_info({:EXIT, pid, reason}, state) do
    {node_and_port, ports} = Map.pop(state.ports, pid)
    if node_and_port, do: Process.send_after(self(), {:forget, node_and_port}, @losses_kept)
    state = %{state | ports: ports}
    {:noreply, change(state, pid, &ended(&1, pid, reason, state))}
  end

  # Each main node tells the other one which nodes its program has. A VM that becomes a node hears of
  # itself as well.
  def handle_info({:nodeup, other}, state) do
    if Nodes.main?() and other != node(), do: tell(other, [node() | nodes(state)])
    {:noreply, state}
  end

  def handle_info({:program, theirs, ports}, state) do
    for {name, port} <- ports, do: Epmd.meet(name, port)
    for node <- theirs, do: meet(node, [node() | nodes(state)])
    {:noreply, state}
  end

  def handle_info({:forget, {node, _port}}, state) do
    Losses.forget(node)
    {:noreply, state}
  end

  def handle_info(_late, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, state), do: stop_all(state)

  # Nodes that are hidden are not looked for, but their groups are the program's, and those of all
  # programs that are connected.
  defp discover({:interpreter, _, _}, _state), do: :ok

  defp discover({:node, node}, state) do
    Groups.discover(node)
    meet(node, nodes(state))
    for other <- Node.list(), do: tell(other, [node])
  end

  defp tell(other, nodes),
    do: Courier.deliver({__MODULE__, other}, {:program, nodes, Epmd.known(nodes)})

  # One that takes nothing holds up that process alone.
  defp meet(node, ours),
    do: for(our <- ours, do: spawn(fn -> :erpc.cast(our, Groups, :discover, [node]) end))

  # The program's, besides this one.
  defp nodes(state) do
    units = for {_, kind} <- state.kinds, {_, %{target: {:node, node}}} <- kind.units, do: node
    List.wrap(Nodes.front()) ++ units
  end

  # ---- one kind --------------------------------------------------------------------------------

  defp change(state, pid, fun) do
    case Enum.find(state.kinds, fn {_, kind} -> is_map_key(kind.units, pid) end) do
      nil -> state
      {isolation, kind} -> put_in(state.kinds[isolation], fun.(kind))
    end
  end

  # With all its units started.
  defp started(state, isolation) do
    new = %{isolation: isolation, units: %{}, turn: 0, waiting: [], failure: nil}
    kind = Map.get(state.kinds, isolation, new)
    taken = for {_, %{index: index}} <- kind.units, do: index

    Enum.reduce(Enum.to_list(1..workers()) -- taken, kind, fn index, kind ->
      start(kind, index, true)
    end)
  end

  # How many there are at most.
  defp workers, do: Application.get_env(:rebeam, :workers) || System.schedulers_online()

  defp start(kind, index, first?) do
    {:ok, pid} = @modules[kind.isolation].start_link(index, Programs.newest(), self())
    put_in(kind.units[pid], %{index: index, target: nil, was_up?: false, first?: first?})
  end

  # Whoever waits gets the units that are up, in turn; or hears why there is none. The first
  # children wait for all of them, lest the first unit gets more than its part.
  defp serve(kind) do
    if Enum.any?(kind.units, fn {_, unit} -> unit.first? and unit.target == nil end),
      do: kind,
      else: do_serve(kind)
  end

  defp do_serve(kind) do
    ready = for {_, %{target: target} = unit} <- kind.units, target, do: {unit.index, target}
    starting? = Enum.any?(kind.units, fn {_, unit} -> unit.target == nil end)

    case {Enum.sort(ready), starting?} do
      {[], true} -> kind
      {[], false} -> answer(kind, fn _ -> {:error, kind.failure || "no unit is up"} end)
      {ready, _} -> answer(kind, &{:ok, ready |> Enum.at(rem(&1, length(ready))) |> elem(1)})
    end
  end

  defp answer(kind, fun) do
    turn =
      for from <- Enum.reverse(kind.waiting), reduce: kind.turn do
        turn ->
          GenServer.reply(from, fun.(turn))
          turn + 1
      end

    %{kind | waiting: [], turn: turn}
  end

  defp up(kind, pid, target),
    do: update_in(kind.units[pid], &%{&1 | target: target, first?: false})

  defp lose(kind, target) do
    units =
      Map.new(kind.units, fn {pid, unit} ->
        {pid, if(unit.target == target, do: %{unit | target: nil, was_up?: true}, else: unit)}
      end)

    %{kind | units: units}
  end

  defp ended(kind, pid, reason, state) do
    {unit, kind} = pop_in(kind.units[pid])
    text = "#{label(kind, unit)} #{text(reason)}"
    kind = %{kind | failure: text}

    cond do
      state.stopped? ->
        kind

      # It was up, so a new one will be.
      unit.target || unit.was_up? ->
        Logger.error("#{text}: its actors crashed with it, and it is replaced")
        start(kind, unit.index, false)

      # Who waits for one hears of it.
      true ->
        serve(kind)
    end
  end

  defp text({:shutdown, text}) when is_binary(text), do: text
  defp text(reason), do: "ended: " <> Exception.format_exit(reason)

  defp stop_all(state) do
    units = for {_, kind} <- state.kinds, {pid, unit} <- kind.units, do: {pid, label(kind, unit)}
    for {pid, _} <- units, do: send(pid, :finish)
    deadline = Deadline.of(shutdown())
    Enum.each(units, &await(&1, deadline))
    for {_, kind} <- state.kinds, from <- kind.waiting, do: GenServer.reply(from, ending())
    %{state | kinds: %{}, stopped?: true}
  end

  defp ending, do: {:error, "the program is ending"}

  # One that ended before, by itself, is still news.
  defp await({pid, label}, deadline) do
    receive do
      {:EXIT, ^pid, {:shutdown, text}} -> Logger.error("#{label} #{text}")
      {:EXIT, ^pid, _} -> :ok
    after
      Deadline.left(deadline) -> Process.exit(pid, :kill)
    end
  end

  defp label(kind, unit), do: "#{kind.isolation} unit #{unit.index}"
end
