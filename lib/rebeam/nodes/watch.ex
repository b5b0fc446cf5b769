defmodule Rebeam.Nodes.Watch do
  @moduledoc false
  # Which other nodes are connected to this one, and who wants to hear of it: on the main node, for all
  # actors of the program, as the connections are the main node's.
  use GenServer

  alias Rebeam.Nodes.Courier

  @typedoc "What a subscriber is sent: a node as text, and for one that is gone why."
  @type event :: {:rebeam_node, :up | :down, String.t(), String.t() | nil}

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc """
  From now on that process hears of nodes; also of hidden ones, if it wants. Those that are connected
  until then, as text.
  """
  @spec subscribe(pid, boolean) :: [String.t()]
  def subscribe(pid, hidden?), do: GenServer.call(__MODULE__, {:subscribe, pid, hidden?})

  @doc "No more. False if it did not."
  @spec unsubscribe(pid) :: boolean
  def unsubscribe(pid), do: GenServer.call(__MODULE__, {:unsubscribe, pid})

  @doc "The nodes that are connected, as text."
  @spec list(boolean) :: [String.t()]
  def list(hidden?) do
    hidden = if hidden?, do: Node.list(:hidden), else: []
    text(Node.list() ++ hidden)
  end

  defp text(nodes), do: nodes |> Enum.map(&Atom.to_string/1) |> Enum.sort()

  @impl true
  def init(nil) do
    :net_kernel.monitor_nodes(true, [:nodedown_reason, node_type: :all])
    known = for type <- [:visible, :hidden], node <- Node.list(type), into: %{}, do: {node, type}
    {:ok, %{known: known, subscribers: %{}}}
  end

  @impl true
  def handle_call({:subscribe, pid, hidden?}, _from, state) do
    {monitor, _} = state.subscribers[pid] || {Process.monitor(pid), nil}
    known = for {node, type} <- state.known, type == :visible or hidden?, do: node
    {:reply, text(known), put_in(state.subscribers[pid], {monitor, hidden?})}
  end

  def handle_call({:unsubscribe, pid}, _from, state) do
    {found, subscribers} = Map.pop(state.subscribers, pid)
    with {monitor, _} <- found, do: Process.demonitor(monitor, [:flush])
    {:reply, found != nil, %{state | subscribers: subscribers}}
  end

  @impl true
  def handle_info({:nodeup, node, info}, state) when not is_map_key(state.known, node) do
    type = info[:node_type]
    tell(state, type, {:rebeam_node, :up, Atom.to_string(node), nil})
    {:noreply, put_in(state.known[node], type)}
  end

  def handle_info({:nodedown, node, info}, %{known: known} = state)
      when is_map_key(known, node) do
    {type, known} = Map.pop(known, node)
    tell(state, type, {:rebeam_node, :down, Atom.to_string(node), reason(info[:nodedown_reason])})
    {:noreply, %{state | known: known}}
  end

  def handle_info({:DOWN, _, :process, pid, _}, state),
    do: {:noreply, %{state | subscribers: Map.delete(state.subscribers, pid)}}

  def handle_info(_other, state), do: {:noreply, state}

  defp reason(reason) when is_atom(reason), do: Atom.to_string(reason)
  defp reason(reason), do: inspect(reason)

  defp tell(state, type, event) do
    for {pid, {_, hidden?}} <- state.subscribers,
        type == :visible or hidden?,
        do: Courier.deliver(pid, event)
  end
end
