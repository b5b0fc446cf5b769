defmodule Rebeam.Testing.Relay do
  @moduledoc false
  # The network between the nodes of a test's cluster: each node reaches each other one through a
  # port of this server's, which knows by it who connects to whom. What it does with the bytes of one
  # direction is that direction's *way*:
  #
  #   {:open, milliseconds}   they go on, so long after they came
  #   :held                   they wait, as packets do that nobody acknowledges: the connection stays,
  #                           and goes on after the split if neither end has given it up
  #   :closed                 connections break, and no new one is made
  #
  # No root and no network of its own is needed, and half of a connection can fail.
  use GenServer

  alias Rebeam.Testing.Pump

  @loopback {127, 0, 0, 1}
  @socket [:binary, active: false, packet: :raw, nodelay: true]

  @type way :: {:open, non_neg_integer} | :held | :closed

  @doc "A relay between nodes of these names, linked to the caller."
  @spec start_link([node]) :: GenServer.on_start()
  def start_link(nodes), do: GenServer.start_link(__MODULE__, nodes)

  @doc "By which port each of the others is reached from a node."
  @spec peers(pid, node) :: %{node => :inet.port_number()}
  def peers(relay, node), do: GenServer.call(relay, {:peers, node})

  @doc "The node listens on that port; nil: it has ended."
  @spec listens(pid, node, :inet.port_number() | nil) :: :ok
  def listens(relay, node, port), do: GenServer.call(relay, {:listens, node, port})

  @doc "By which port a node reaches one more that stands behind another: a unit, which listens on that port."
  @spec through(pid, {node, node}, :inet.port_number()) :: :inet.port_number()
  def through(relay, direction, port), do: GenServer.call(relay, {:through, direction, port})

  @doc "From now on the bytes of one node to another go that way."
  @spec set(pid, {node, node}, way) :: :ok
  def set(relay, direction, way), do: GenServer.call(relay, {:set, direction, way})

  @doc "Whether bytes go on between two nodes, both ways."
  @spec open?(pid, node, node) :: boolean
  def open?(relay, one, other), do: GenServer.call(relay, {:open?, one, other})

  # ---- the server ----------------------------------------------------------------------------

  @impl true
  def init(nodes) do
    Process.flag(:trap_exit, true)
    directions = for from <- nodes, to <- nodes, from != to, do: {from, to}
    listening = Map.new(directions, &{&1, listen(&1, nil)})
    ways = Map.new(directions, &{&1, {:open, 0}})
    {:ok, %{listening: listening, ways: ways, ports: %{}, through: %{}, pumps: %{}}}
  end

  # For what listens on `port`, or the node itself.
  defp listen(direction, port) do
    {:ok, socket} = :gen_tcp.listen(0, [ip: @loopback] ++ @socket)
    {:ok, own} = :inet.port(socket)
    relay = self()
    spawn_link(fn -> accept(socket, relay, &{:accepted, direction, port, &1}) end)
    own
  end

  defp accept(listening, relay, word) do
    # Closed once its owner, the relay, has ended.
    with {:ok, socket} <- :gen_tcp.accept(listening),
         :ok <- :gen_tcp.controlling_process(socket, relay) do
      send(relay, word.(socket))
      accept(listening, relay, word)
    end
  end

  @impl true
  def handle_call({:peers, node}, _from, state) do
    {:reply, for({{^node, to}, port} <- state.listening, into: %{}, do: {to, port}), state}
  end

  def handle_call({:listens, node, port}, _from, state),
    do: {:reply, :ok, put_in(state.ports[node], port)}

  def handle_call({:through, direction, port}, _from, state) do
    through =
      Map.put_new_lazy(state.through, {direction, port}, fn -> listen(direction, port) end)

    {:reply, through[{direction, port}], %{state | through: through}}
  end

  def handle_call({:set, direction, way}, _from, state) do
    for {pump, ^direction} <- state.pumps, do: Pump.set(pump, way)
    {:reply, :ok, put_in(state.ways[direction], way)}
  end

  def handle_call({:open?, one, other}, _from, state) do
    ways = [state.ways[{one, other}], state.ways[{other, one}]]
    {:reply, Enum.all?(ways, &match?({:open, _}, &1)), state}
  end

  @impl true
  def handle_info({:accepted, {from, to} = there, port, socket}, state) do
    back = {to, from}

    with false <- :closed in [state.ways[there], state.ways[back]],
         port when port != nil <- port || state.ports[to],
         {:ok, other} <- :gen_tcp.connect(@loopback, port, @socket) do
      pumps = Pump.start_pair({socket, state.ways[there]}, {other, state.ways[back]})

      {:noreply,
       %{state | pumps: Map.merge(state.pumps, pumps |> Enum.zip([there, back]) |> Map.new())}}
    else
      _ ->
        :gen_tcp.close(socket)
        {:noreply, state}
    end
  end

  def handle_info({:EXIT, pid, _reason}, state),
    do: {:noreply, %{state | pumps: Map.delete(state.pumps, pid)}}

  def handle_info(_message, state), do: {:noreply, state}
end
