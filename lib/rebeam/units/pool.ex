defmodule Rebeam.Units.Pool do
  @moduledoc false
  # The units of this program, on its main node: starts them, all of a kind in parallel when
  # the first child needs one, those of a worker machine when it joins; replaces units that end. Where
  # a child starts, Rebeam.Units.Placing says.
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
  alias Rebeam.Units.{Address, Epmd, Interpreter, Losses, Machine, Patience, Placing, Programs}

  require Logger

  # All who ask about the loss of a unit have asked by then, in milliseconds.
  @losses_kept 60_000
  # How long worker machines may take to hear that the program has ended, in milliseconds.
  @dismissal 1_000

  def child_spec(_) do
    %{id: __MODULE__, start: {__MODULE__, :start_link, []}, shutdown: shutdown() + 1_000}
  end

  # How long the units may take to end in order, in milliseconds; each has less.
  defp shutdown, do: Patience.finish() + 1_000

  def start_link, do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The interpreter unit where a child starts. Waits for one that is up."
  @spec place(Units.isolation()) :: {:ok, Units.target()} | {:error, String.t()}
  def place(isolation), do: GenServer.call(__MODULE__, {:place, isolation}, :infinity)

  @typedoc "What a child wants: a machine by its name, or by a label; nil for any."
  @type demand :: {:node | :where, String.t()} | nil
  @type seat :: {:ok, node, Losses.place()} | {:none, String.t()} | {:error, String.t()}

  @doc """
  The process unit where the actor of the calling stand-in starts; it counts there until that ends or
  asks again. `:none` if there is no such unit, not even one that starts.
  """
  @spec seat(demand) :: seat
  def seat(demand), do: GenServer.call(__MODULE__, {:seat, demand, :now}, :infinity)

  @doc "The same for who waits until there is one, as `{request, seat}`; it is a monitor, too."
  @spec request_seat(demand) :: reference
  def request_seat(demand) do
    request = Process.monitor(__MODULE__)
    send(__MODULE__, {:"$gen_call", {self(), request}, {:seat, demand, :wait}})
    request
  end

  @doc "Why there is none now, where nothing that is up or starts will do."
  @spec refusal(demand) :: String.t() | nil
  def refusal(demand), do: GenServer.call(__MODULE__, {:refusal, demand})

  @doc "What was lost when the connection to that unit was: the unit, or all of its machine."
  @spec verdict(node, Losses.place()) :: Losses.lost()
  def verdict(node, node), do: {:unit, node}
  def verdict(node, _machine), do: GenServer.call(__MODULE__, {:verdict, node}, :infinity)

  @doc "A worker machine joins (lender.ex)."
  @spec join(Machine.offer()) :: {:ok, map} | {:error, String.t()}
  def join(offer), do: GenServer.call(__MODULE__, {:join, offer})

  @doc "The worker machines that have joined."
  @spec machines :: [Machine.t()]
  def machines, do: GenServer.call(__MODULE__, :machines)

  @doc "The program has ended, and does not start again: worker machines need not wait for it."
  @spec dismiss :: :ok
  def dismiss, do: GenServer.call(__MODULE__, :dismiss)

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
    state = %{kinds: %{}, ports: %{}, machines: %{}, seats: %{}, verdicts: %{}, asking: []}
    {:ok, Map.put(state, :stopped?, false)}
  end

  @impl true
  def handle_call({asked, _, _}, _from, %{stopped?: true} = state) when asked == :seat,
    do: {:reply, {:error, "the program is ending: no unit takes a child"}, state}

  def handle_call({:place, _isolation}, _from, %{stopped?: true} = state),
    do: {:reply, {:error, "the program is ending: no unit takes a child"}, state}

  def handle_call({:place, isolation}, from, state),
    do: {:noreply, state |> started(isolation) |> wait(isolation, {from, nil, :now})}

  def handle_call({:seat, demand, how}, from, state) do
    state = if Placing.here?(demand), do: started(state, "process"), else: known(state, "process")
    asked = {from, demand, how}
    {:noreply, state |> leave_seat(elem(from, 0)) |> wait("process", asked) |> empty()}
  end

  def handle_call({:refusal, _demand}, _from, %{stopped?: true} = state),
    do: {:reply, "the program is ending: no unit takes a child", state}

  def handle_call({:refusal, demand}, _from, state) do
    state = if Placing.here?(demand), do: started(state, "process"), else: known(state, "process")

    case Placing.choose(state.kinds["process"], demand) do
      {:none, text} -> {:reply, text, state}
      _ -> {:reply, nil, state}
    end
  end

  def handle_call({:verdict, node}, from, state) do
    cond do
      verdict = state.verdicts[node] -> {:reply, verdict, state}
      unit(state, node) -> {:noreply, update_in(state.asking, &[{node, from} | &1])}
      true -> {:reply, {:unit, node}, state}
    end
  end

  def handle_call({:join, _offer}, _from, %{stopped?: true} = state),
    do: {:reply, {:error, "the program is ending"}, state}

  def handle_call({:join, offer}, _from, state) do
    with :ok <- Machine.check(offer),
         {:ok, lent} <- Address.lent(),
         nil <- Enum.find(state.machines, fn {_, each} -> each.node == offer.node end) do
      machine = Machine.new(offer)
      {:ok, keeper} = Machine.start_link(machine, self())
      state = put_in(state.machines[keeper], machine)
      Logger.notice("worker machine #{machine.node} has joined with #{machine.workers} workers")
      terms = %{lent: lent, keeper: keeper, lease: Machine.lease()}
      {:reply, {:ok, terms}, started_on(known(state, "process"), machine)}
    else
      {:error, _} = error -> {:reply, error, state}
      {_keeper, _machine} -> {:reply, {:error, "#{offer.node} is there already"}, state}
    end
  end

  def handle_call(:machines, _from, state),
    do: {:reply, state.machines |> Map.values() |> Enum.sort_by(& &1.node), state}

  def handle_call(:dismiss, _from, state) do
    lenders = for {_, %{lender: lender}} <- state.machines, do: {Process.monitor(lender), lender}
    for {_, lender} <- lenders, do: send(lender, :ended)
    deadline = Deadline.of(@dismissal)
    Enum.each(lenders, &await_lender(&1, deadline))
    {:reply, :ok, state}
  end

  def handle_call({:lost, node}, _from, state) do
    kinds =
      Map.new(state.kinds, fn {isolation, kind} -> {isolation, lose(kind, {:node, node})} end)

    {:reply, :ok, %{state | kinds: kinds}}
  end

  def handle_call(:units, _from, state) do
    units =
      for {isolation, kind} <- state.kinds,
          {pid, %{target: target} = unit} when target != nil <- kind.units,
          do: {isolation, Placing.index(unit), pid, target}

    {:reply, Enum.sort(units), state}
  end

  def handle_call(:stop, _from, state), do: {:reply, :ok, stop_all(state)}

  @impl true
  def handle_cast({:warm, isolation}, state),
    do: {:noreply, started(state, isolation)}

  @impl true
  def handle_info({:unit, pid, :listening, node_and_port}, state) do
    state = put_in(state.ports[pid], node_and_port)
    Epmd.learn(Map.new(Map.values(state.ports)))
    send(pid, :known)
    {:noreply, state}
  end

  def handle_info({:unit, pid, :ready, target}, state) do
    discover(target, state)
    {:noreply, change(state, pid, &up(&1, pid, target))}
  end

  # The actors there start elsewhere first: their stand-ins ask for another seat.
  def handle_info({:machine, keeper, :leaves}, state) when is_map_key(state.machines, keeper) do
    %{place: place} = machine = %{state.machines[keeper] | leaving?: true}
    Logger.notice("worker machine #{machine.node} leaves: its actors start elsewhere")

    mine = &match?(%{machine: %{place: ^place}}, &1)
    kind = Placing.map(state.kinds["process"], mine, &%{&1 | machine: machine})
    state = put_in(state.kinds["process"], kind)

    for {stand_in, {_, unit}} <- state.seats,
        mine.(kind.units[unit]),
        do: send(stand_in, {:leave, place})

    {:noreply, empty(put_in(state.machines[keeper], machine))}
  end

  def handle_info({:EXIT, keeper, reason}, state) when is_map_key(state.machines, keeper) do
    {machine, state} = pop_in(state.machines[keeper])
    unless state.stopped?, do: Logger.error(gone(machine, reason))
    units = Placing.of_machine(state.kinds["process"], machine)
    for {pid, _} <- units, do: Process.exit(pid, {:shutdown, :machine_gone})
    # What is cut off is so for both sides.
    for {_, %{node: node}} when node != nil <- units, do: Node.disconnect(node)
    Node.disconnect(machine.node)
    {:noreply, state}
  end

  def handle_info({:EXIT, pid, reason}, state) do
    {node_and_port, ports} = Map.pop(state.ports, pid)
    state = decide(%{state | ports: ports}, pid, node_and_port, reason)
    {:noreply, state |> change(pid, &ended(&1, pid, reason, state)) |> empty()}
  end

  def handle_info({:DOWN, _, :process, stand_in, _}, state),
    do: {:noreply, state |> leave_seat(stand_in) |> empty()}

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

  def handle_info({:forget, node, lost}, state) do
    Losses.forget(lost)
    {:noreply, %{state | verdicts: Map.delete(state.verdicts, node)}}
  end

  def handle_info(_late, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, state), do: stop_all(state)

  # What is sent is lost if this VM ends first.
  defp await_lender({monitor, _lender}, deadline) do
    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    after
      Deadline.left(deadline) -> :ok
    end
  end

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

  # Who waits hears of it.
  defp change(state, pid, fun) do
    case Enum.find(state.kinds, fn {_, kind} -> is_map_key(kind.units, pid) end) do
      nil -> state
      {isolation, kind} -> serve(put_in(state.kinds[isolation], fun.(kind)), isolation)
    end
  end

  defp known(state, isolation) do
    new = %{isolation: isolation, units: %{}, turn: 0, waiting: [], failure: nil}
    update_in(state.kinds, &Map.put_new(&1, isolation, new))
  end

  # With all units of this host started.
  defp started(state, isolation) do
    state = known(state, isolation)
    kind = state.kinds[isolation]
    taken = for {_, %{index: index, machine: nil}} <- kind.units, do: index
    missing = Enum.to_list(1..workers(isolation)//1) -- taken
    put_in(state.kinds[isolation], Enum.reduce(missing, kind, &start(&2, &1, nil, true)))
  end

  defp started_on(state, machine) do
    start = &start(&2, &1, machine, false)
    update_in(state.kinds["process"], &Enum.reduce(1..machine.workers, &1, start))
  end

  # How many there are at most.
  defp workers("interpreter"), do: max(workers("process"), 1)
  defp workers(_), do: Application.get_env(:rebeam, :workers) || System.schedulers_online()

  defp start(kind, index, machine, first?) do
    {:ok, pid} = start_unit(kind.isolation, index, machine)
    put_in(kind.units[pid], Placing.unit(index, machine, first?))
  end

  defp start_unit("interpreter", index, nil),
    do: Interpreter.start_link(index, Programs.newest(), self())

  defp start_unit("process", index, machine),
    do: Units.Process.start_link(index, Programs.newest(), self(), machine)

  # ---- who waits ---------------------------------------------------------------------------

  defp wait(state, isolation, asked) do
    state = update_in(state.kinds[isolation].waiting, &[asked | &1])
    serve(state, isolation)
  end

  defp serve(state, isolation) do
    {waiting, state} = get_and_update_in(state.kinds[isolation].waiting, &{&1, []})
    waiting |> Enum.reverse() |> Enum.reduce(state, &answer(&1, &2, isolation))
  end

  defp answer({from, demand, how} = asked, state, isolation) do
    case Placing.choose(state.kinds[isolation], demand) do
      {:unit, pid} ->
        kind = Placing.take(state.kinds[isolation], pid)
        GenServer.reply(from, Placing.seat(kind.units[pid]))
        seated(put_in(state.kinds[isolation], kind), isolation, elem(from, 0), pid)

      {:none, _} when how == :wait ->
        update_in(state.kinds[isolation].waiting, &[asked | &1])

      :later ->
        update_in(state.kinds[isolation].waiting, &[asked | &1])

      refused ->
        GenServer.reply(from, refused)
        state
    end
  end

  defp seated(state, "interpreter", _from, _pid), do: state

  defp seated(state, "process", stand_in, pid),
    do: put_in(state.seats[stand_in], {Process.monitor(stand_in), pid})

  defp leave_seat(state, stand_in) do
    case pop_in(state.seats[stand_in]) do
      {nil, state} ->
        state

      {{monitor, pid}, state} ->
        Process.demonitor(monitor, [:flush])
        update_in(state.kinds["process"], &Placing.give_back(&1, pid))
    end
  end

  # ---- ends --------------------------------------------------------------------------------

  defp up(kind, pid, target), do: update_in(kind.units[pid], &Placing.up(&1, target))

  defp lose(kind, target) do
    units =
      Map.new(kind.units, fn {pid, unit} ->
        {pid, if(unit.target == target, do: %{unit | target: nil, was_up?: true}, else: unit)}
      end)

    %{kind | units: units}
  end

  defp unit(state, node), do: Enum.find(state.ports, fn {_, {known, _}} -> known == node end)

  # Whether a unit was lost alone: its stand-ins ask.
  defp decide(state, _pid, nil, _reason), do: state

  defp decide(state, pid, {node, _port}, reason) do
    lost = Placing.lost(state.kinds["process"].units[pid], node, reason)
    Process.send_after(self(), {:forget, node, lost}, @losses_kept)
    {mine, others} = Enum.split_with(state.asking, fn {asked, _} -> asked == node end)
    for {_, from} <- mine, do: GenServer.reply(from, lost)
    put_in(%{state | asking: others}.verdicts[node], lost)
  end

  defp ended(kind, pid, reason, state) do
    {unit, kind} = pop_in(kind.units[pid])
    text = "#{Placing.label(kind, unit)} #{text(reason)}"

    cond do
      state.stopped? ->
        kind

      # What is said of a machine is said once.
      reason == {:shutdown, :machine_gone} or not Placing.wanted?(unit, state.machines) ->
        kind

      # It was up, so a new one will be.
      unit.target || unit.was_up? ->
        Logger.error("#{text}: its actors crashed with it, and it is replaced")
        start(kind, unit.index, unit.machine, false)

      unit.machine ->
        Logger.error(text)
        send(unit.machine.lender, {:failed, text})
        kind

      # Who waits for one hears of it.
      true ->
        %{kind | failure: text}
    end
  end

  defp text({:shutdown, text}) when is_binary(text), do: text
  defp text(reason), do: "ended: " <> Exception.format_exit(reason)

  defp gone(machine, reason) do
    why = with {:shutdown, why} <- reason, do: why, else: (_ -> inspect(reason))

    "worker machine #{machine.node} #{why}: the actors of its #{machine.workers} units crashed with it"
  end

  # A machine that leaves goes when nobody is there any more, and its units have ended, which are told
  # once.
  defp empty(state) do
    for {keeper, %{leaving?: leaving} = machine} when leaving != false <- state.machines,
        reduce: state do
      state -> empty(state, keeper, machine, Placing.of_machine(state.kinds["process"], machine))
    end
  end

  defp empty(state, keeper, machine, []) do
    send(machine.lender, :left)
    Process.unlink(keeper)
    Process.exit(keeper, :kill)
    update_in(state.machines, &Map.delete(&1, keeper))
  end

  defp empty(state, keeper, %{leaving?: true} = machine, units) do
    if Enum.all?(units, fn {_, unit} -> unit.load == 0 end) do
      for {pid, _} <- units, do: send(pid, :finish)
      put_in(state.machines[keeper], %{machine | leaving?: :finishing})
    else
      state
    end
  end

  defp empty(state, _keeper, _finishing, _units), do: state

  defp stop_all(state) do
    units =
      for {_, kind} <- state.kinds,
          {pid, unit} <- kind.units,
          do: {pid, Placing.label(kind, unit)}

    for {pid, _} <- units, do: send(pid, :finish)
    deadline = Deadline.of(shutdown())
    Enum.each(units, &await(&1, deadline))

    for {_, kind} <- state.kinds,
        {from, _, _} <- kind.waiting,
        do: GenServer.reply(from, ending())

    none = fn {isolation, kind} -> {isolation, %{kind | units: %{}, waiting: []}} end
    %{state | kinds: Map.new(state.kinds, none), stopped?: true}
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
end
