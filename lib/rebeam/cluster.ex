defmodule Rebeam.Cluster do
  @moduledoc false
  # Keeps this program connected to others: those that were named, and those that are found (`--cluster`,
  # `Rebeam.Cluster.Spec`). Who is missing is tried again, ever more seldom; whom the program has
  # disconnected itself is not, until it connects again. OTP connects the others of a cluster with each
  # other by itself.
  #
  #   wanted --due--> tried --no--> due later
  #                      \--yes--> connected --nodedown--> due at once
  use GenServer

  require Logger

  alias Rebeam.Nodes
  alias Rebeam.Cluster.{Multicast, Refusal, Spec}
  alias Rebeam.Units.{Address, Pool}

  # How often it is looked who is wanted and missing, in milliseconds.
  @period 1_000
  # How long until one that could not be connected is tried again, at first and at most.
  @first_pause 1_000
  @longest_pause 15_000
  # How long one is wanted that was found, in milliseconds, unless it is found again.
  @kept 10_000
  # How long a node gets to hear that it is left, in milliseconds.
  @part_timeout 1_000

  @type name :: String.t()

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "From now on keeps connected to whom the specification finds."
  @spec join(Spec.t()) :: :ok
  def join(spec), do: GenServer.cast(__MODULE__, {:join, spec})

  @doc "The same for nodes by their names."
  @spec want([name]) :: :ok
  def want(names), do: GenServer.cast(__MODULE__, {:want, names})

  @doc "Connects to a node in so many milliseconds. It is kept connected if it was wanted before."
  @spec connect(name, pos_integer) :: :ok | {:error, String.t()} | {:refused, String.t()}
  def connect(name, timeout) do
    cond do
      not Node.alive?() or Address.unnamed?() ->
        {:error, "connect() needs a program with a name: --name NAME@HOST or --sname NAME"}

      name == Atom.to_string(node()) ->
        :ok

      true ->
        Nodes.stay(String.to_atom(name))
        GenServer.cast(__MODULE__, {:stay, name})
        if try_for(name, timeout), do: :ok, else: {:refused, Refusal.why(name)}
    end
  end

  # OTP's own limit is for each step of it.
  defp try_for(name, timeout) do
    task = Task.async(fn -> Node.connect(String.to_atom(name)) == true end)
    Task.yield(task, timeout) == {:ok, true} or Task.shutdown(task, :brutal_kill) == {:ok, true}
  end

  @doc "Ends the connection to a node. False if there is none."
  @spec disconnect(name) :: boolean
  def disconnect(name), do: GenServer.call(__MODULE__, {:disconnect, name})

  @impl true
  def init(nil), do: {:ok, %{specs: [], wanted: %{}, left: MapSet.new(), looking?: false}}

  @impl true
  def handle_call({:disconnect, name}, _from, state) do
    units = for {_, _, _, {:node, node}} <- Pool.units(), do: node
    node = Enum.find(Node.list(:connected) -- units, &(Atom.to_string(&1) == name))
    if node, do: part(node)
    left = if node, do: MapSet.put(state.left, name), else: state.left
    {:reply, node != nil, %{state | left: left}}
  end

  @impl true
  def handle_cast({:join, spec}, state) do
    with {:multicast, group} <- spec, do: Multicast.start_link(group, self())
    {:noreply, look(%{state | specs: [spec | state.specs]})}
  end

  def handle_cast({:want, names}, state),
    do: {:noreply, state |> want(names, :infinity) |> look()}

  def handle_cast({:stay, name}, state),
    do: {:noreply, %{state | left: MapSet.delete(state.left, name)}}

  # The other one is told, as what keeps clusters together would connect again from there.
  defp part(node) do
    Nodes.leave(node)
    tell_left(node)
    Node.disconnect(node)
  end

  defp tell_left(node) do
    :erpc.call(node, Nodes, :leave, [node()], @part_timeout)
  catch
    # It does not answer, or is no program of ours.
    _, _ -> :ok
  end

  @impl true
  def handle_info(:look, state), do: {:noreply, look(%{state | looking?: false})}
  def handle_info({:found, names}, state), do: {:noreply, want(state, names, now() + @kept)}

  def handle_info({:DOWN, _, :process, _, reason}, state) do
    names = with {:found, names} <- reason, do: names, else: (_ -> [])
    Process.send_after(self(), :look, @period)
    {:noreply, state |> want(names, now() + @kept) |> try_missing()}
  end

  def handle_info({:tried, name, why}, state) when is_map_key(state.wanted, name),
    do: {:noreply, update_in(state.wanted[name], &tried(&1, name, why))}

  def handle_info(_late, state), do: {:noreply, state}

  # ---- whom it wants -----------------------------------------------------------------------

  # To ask may take its time: another process does.
  defp look(%{looking?: true} = state), do: state
  defp look(%{specs: [], wanted: wanted} = state) when wanted == %{}, do: state

  defp look(state) do
    specs = state.specs
    spawn_monitor(fn -> exit({:found, Enum.flat_map(specs, &Spec.names/1)}) end)
    %{state | looking?: true}
  end

  # Until that moment, which may be `:infinity` (an atom is larger than any number): whom a file, a name
  # server or the network has no more is soon forgotten.
  defp want(state, names, limit) do
    fresh = %{due: now(), pause: @first_pause, why: nil, trying?: false, until: limit}
    own = Atom.to_string(node())

    wanted =
      for name <- names, name != own, reduce: state.wanted do
        wanted -> Map.update(wanted, name, fresh, &%{&1 | until: max(&1.until, limit)})
      end

    %{state | wanted: wanted}
  end

  defp try_missing(state) do
    now = now()
    up = MapSet.new(Node.list(:connected), &Atom.to_string/1)

    wanted =
      for {name, each} <- state.wanted, each.until > now, into: %{} do
        cond do
          MapSet.member?(up, name) -> {name, met(each, name)}
          each.trying? or each.due > now or MapSet.member?(state.left, name) -> {name, each}
          true -> {name, try_one(each, name)}
        end
      end

    %{state | wanted: wanted}
  end

  defp try_one(each, name) do
    server = self()

    spawn(fn ->
      connected? = Node.connect(String.to_atom(name)) == true
      send(server, {:tried, name, unless(connected?, do: Refusal.why(name))})
    end)

    %{each | trying?: true}
  end

  defp tried(each, name, nil), do: met(%{each | trying?: false}, name)

  # Each reason is told once.
  defp tried(each, name, why) do
    if why != each.why, do: Logger.warning("no connection to node #{name}, tried again: #{why}")
    pause = min(each.pause * 2, @longest_pause)
    due = now() + each.pause + :rand.uniform(@first_pause)
    %{each | trying?: false, why: why, pause: pause, due: due}
  end

  defp met(%{why: nil} = each, _name), do: %{each | pause: @first_pause, due: now()}

  defp met(each, name) do
    Logger.notice("connected to node #{name}")
    %{each | why: nil, pause: @first_pause, due: now()}
  end

  defp now, do: System.monotonic_time(:millisecond)
end
