defmodule Rebeam.Topics.Server do
  @moduledoc false
  # Who subscribes to what: one server on each node. It writes the table (`Rebeam.Topics.Table`), sees
  # who ends, and tells the servers of other nodes (`Rebeam.Topics.Peers`).
  #
  # A unit knows its own subscribers alone, and publishes at its main node, which sends on to where
  # subscribers are: so what one process publishes takes one way to each of them, and stays in order.
  # Who subscribes waits until the main node of the program knows; other nodes hear of it soon.
  use GenServer

  alias Rebeam.{Log, Nodes}
  alias Rebeam.Message.{Events, Loans, Payload}
  alias Rebeam.Nodes.Courier
  alias Rebeam.Topics.{Delivery, Peers, Table}

  @typedoc "How messages get to a subscriber of this node, how many may wait for it, and what then."
  @type terms :: {Table.route(), pos_integer | nil, Table.when_full()}

  @doc "The tables are its supervisor's, so that who subscribes does so whatever becomes of a server."
  def start_link(_) do
    Table.make()
    GenServer.start_link(__MODULE__, nil, name: Table.server())
  end

  @doc "A process of this node subscribes, or changes its terms."
  @spec subscribe(String.t(), pid, terms) :: :ok
  def subscribe(topic, pid, terms), do: change({:subscribe, topic, pid, terms})

  @doc "False if it has not subscribed to that."
  @spec unsubscribe(String.t(), pid) :: boolean
  def unsubscribe(topic, pid), do: change({:unsubscribe, topic, pid})

  defp change(request) do
    ask = fn -> GenServer.call(Table.server(), request, :infinity) end
    Nodes.while_answering(Nodes.main(), ask)
  end

  @doc "What a process of this node has subscribed to."
  @spec subscriptions(pid) :: [Table.subscription()]
  def subscriptions(pid), do: GenServer.call(Table.server(), {:subscriptions, pid}, :infinity)

  @doc """
  Publishes for a process of a unit, or one that does not stay: at the main node, in the order in
  which they come there.
  """
  @spec publish(String.t(), Loans.payload(), Delivery.scope()) :: non_neg_integer
  def publish(topic, payload, scope) do
    main = Nodes.main()
    lent = Loans.lend(payload, :persistent_term.get(__MODULE__, Table.server()))
    arguments = [Table.server(), {:publish, topic, lent, scope}, :infinity]
    Nodes.while_answering(main, fn -> Nodes.on_main(GenServer, :call, arguments, :infinity) end)
  end

  @doc "In a front: its main node is up. That greeted it before it was known as that."
  @spec discover(node) :: :ok
  def discover(main), do: GenServer.cast(Table.server(), {:discover, main})

  # ---- the server --------------------------------------------------------------------------------

  # `subscribers`: of this node, pid => {monitor, topics}; `peers`: see there; `asked`: in a unit, who
  # waits until the main node knows, with the answer
  @impl true
  def init(nil) do
    # What is to be delivered waits in the mailbox.
    Process.flag(:message_queue_data, :off_heap)
    Table.recount()
    :net_kernel.monitor_nodes(true, node_type: :all)
    peers = Peers.known()
    Enum.each(Node.list([:visible, :hidden]), &Peers.greet(peers, &1))
    state = %{subscribers: %{}, peers: peers, asked: %{}}
    own = for {{topic, pid}, _, _, _, _} <- Table.own(), do: {topic, pid}
    {:ok, Enum.reduce(own, state, fn {topic, pid}, state -> watch(state, pid, topic) end)}
  end

  @impl true
  def handle_call({:subscribe, topic, pid, {route, max_queue, when_full}}, from, state) do
    if Table.put(topic, pid, route, max_queue, when_full) == :new,
      do: Peers.tell(state.peers, :begun, topic, pid)

    answer(:ok, from, watch(state, pid, topic))
  end

  def handle_call({:unsubscribe, topic, pid}, from, state) do
    found? = Table.delete(topic, pid)
    if found?, do: Peers.tell(state.peers, :over, topic, pid)
    answer(found?, from, unwatch(state, pid, topic))
  end

  def handle_call({:subscriptions, pid}, _from, state) do
    {_, topics} = Map.get(state.subscribers, pid, {nil, MapSet.new()})
    {:reply, Enum.flat_map(topics, &Table.find(&1, pid)), state}
  end

  def handle_call({:publish, topic, payload, scope}, from, state) do
    GenServer.reply(from, published(topic, payload, scope))
    Payload.handed_on(payload, state)
  end

  # Programs find it by its name: nothing that comes may end it.
  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  # In a unit by way of the main node, which has heard of the change when that comes.
  defp answer(answer, from, state) do
    if Nodes.main?() do
      {:reply, answer, state}
    else
      ask({from, answer}, state.peers)
      {:noreply, put_in(state.asked[from], answer)}
    end
  end

  # The main node's server, if it was told already; else it is asked once it has been.
  defp ask({from, answer}, peers) do
    for {_, {:node, server}} <- peers,
        do: Courier.deliver(server, {:know, self(), from, answer})
  end

  @impl true
  def handle_cast({:discover, main}, state) do
    Peers.greet(state.peers, main)
    {:noreply, state}
  end

  def handle_cast(_message, state), do: {:noreply, state}

  @impl true
  def handle_continue(:collect, state), do: Payload.collect(state)

  @impl true
  def handle_info({:deliver, topic, payload}, state) do
    published(topic, payload, :program)
    Payload.handed_on(payload, state)
  end

  def handle_info({:DOWN, _, :process, pid, _}, state) do
    {{_, topics}, subscribers} = Map.pop(state.subscribers, pid, {nil, []})

    for topic <- topics,
        Table.delete(topic, pid),
        do: Peers.tell(state.peers, :over, topic, pid)

    {:noreply, %{state | subscribers: subscribers}}
  end

  # Whoever published found it full. It may have subscribed anew since.
  def handle_info({:stopped, topic, pid}, state) do
    Table.stopped(topic)

    if Table.find(topic, pid) == [] do
      send(pid, Events.unsubscribed(topic))
      Peers.tell(state.peers, :over, topic, pid)
      {:noreply, unwatch(state, pid, topic)}
    else
      {:noreply, state}
    end
  end

  # ---- of other servers ----------------------------------------------------------------------------

  def handle_info({:nodeup, node, _}, state) do
    Peers.greet(state.peers, node)
    {:noreply, state}
  end

  def handle_info({:nodedown, node, _}, state),
    do: {:noreply, %{state | peers: Peers.forget(state.peers, node)}}

  def handle_info({:hello, main, server, subscriptions}, state) do
    if Nodes.main?(node(server)), do: :persistent_term.put(__MODULE__, server)
    peers = Peers.greeted(state.peers, main, server, subscriptions)
    # The one that was asked before may have ended first.
    if peers != state.peers, do: Enum.each(state.asked, &ask(&1, peers))
    {:noreply, %{state | peers: peers}}
  end

  def handle_info({change, server, topic, pid}, state) when change in [:begun, :over] do
    Peers.heard(state.peers, change, server, topic, pid)
    {:noreply, state}
  end

  # A unit's server asks whether what it said before has come, and then answers.
  def handle_info({:know, server, from, answer}, state) do
    Courier.deliver(server, {:known, from, answer})
    {:noreply, state}
  end

  def handle_info({:known, from, answer}, state) when is_map_key(state.asked, from) do
    GenServer.reply(from, answer)
    {:noreply, %{state | asked: Map.delete(state.asked, from)}}
  end

  def handle_info(_message, state), do: {:noreply, state}

  defp published(topic, payload, scope) do
    case Loans.take(payload) do
      {:ok, payload} ->
        Delivery.publish(topic, payload, scope)

      {:error, text} ->
        Log.refused("subscribers", topic, text)
        0
    end
  end

  # ---- subscribers ---------------------------------------------------------------------------------

  defp watch(state, pid, topic) do
    {monitor, topics} = Map.get_lazy(state.subscribers, pid, fn -> monitored(pid) end)
    put_in(state.subscribers[pid], {monitor, MapSet.put(topics, topic)})
  end

  defp monitored(pid), do: {Process.monitor(pid), MapSet.new()}

  defp unwatch(state, pid, topic) do
    case state.subscribers do
      %{^pid => {monitor, topics}} -> unwatch(state, pid, monitor, MapSet.delete(topics, topic))
      _ -> state
    end
  end

  defp unwatch(state, pid, monitor, topics) do
    if MapSet.size(topics) == 0 do
      Process.demonitor(monitor, [:flush])
      %{state | subscribers: Map.delete(state.subscribers, pid)}
    else
      put_in(state.subscribers[pid], {monitor, topics})
    end
  end
end
