defmodule Rebeam.Topics.Peers do
  @moduledoc false
  # What the servers of two nodes tell each other (`Rebeam.Topics.Server`).
  #
  #   a unit's server --its own--> the main node's <--the program's--> the main nodes of others
  #
  # Once they are connected they greet each other, with all that they have to tell; who is greeted by a
  # server that is new answers so. From then on they tell what changes. A unit is greeted as well, so
  # that it tells a server that was started anew. Nobody waits: what goes out is Courier's.

  alias Rebeam.Nodes
  alias Rebeam.Nodes.Courier
  alias Rebeam.Topics.Table

  @typedoc "By node: the server, with what it is to this one."
  @type t :: %{node => {:unit | :node, pid}}
  @type change :: :begun | :over

  @doc "Greets a node, if there can be somebody who is told."
  @spec greet(t, node) :: term
  # A VM that becomes a node hears of itself as well.
  def greet(peers, node) do
    if node != node() and (Nodes.main?() or Nodes.main?(node)),
      do: Courier.deliver({Table.server(), node}, {:hello, main(node), self(), own(peers)})
  end

  # Who is none greets its own alone.
  defp main(other), do: if(Nodes.main?(), do: node(), else: other)

  # A unit's, or the program's.
  defp own(peers) do
    units = for {_, {:unit, _} = route} <- peers, do: route
    for {key, _, _, _, _} <- Table.own() ++ Table.by_route(units), do: key
  end

  @doc "Those of the server before this one, of nodes that are connected still."
  @spec known() :: t
  def known do
    peers = for {_, server} = route <- Table.routes(), into: %{}, do: {node(server), route}
    gone = Map.keys(peers) -- Node.list([:visible, :hidden])
    Enum.reduce(gone, peers, &forget(&2, &1))
  end

  @doc "Greetings have come. A unit only answers; `main` is the main node of whoever greets."
  @spec greeted(t, node, pid, [{String.t(), pid}]) :: t
  def greeted(peers, main, server, subscriptions) do
    cond do
      not Nodes.main?() -> answer(peers, server)
      main == node(server) -> take(peers, :node, server, subscriptions)
      main == node() -> take(peers, :unit, server, subscriptions)
      true -> peers
    end
  end

  defp answer(peers, server) do
    if Nodes.main?(node(server)) and peers[node(server)] != {:node, server} do
      greet(peers, node(server))
      Map.put(peers, node(server), {:node, server})
    else
      peers
    end
  end

  defp take(peers, kind, server, subscriptions) do
    known? = peers[node(server)] == {kind, server}
    peers = if known?, do: peers, else: peers |> forget(node(server)) |> meet(kind, server)
    before = for {key, _, _, _, _} <- Table.by_route([{kind, server}]), do: key
    for {topic, pid} <- before -- subscriptions, do: heard(peers, :over, server, topic, pid)
    for {topic, pid} <- subscriptions, do: heard(peers, :begun, server, topic, pid)
    peers
  end

  defp meet(peers, kind, server) do
    greet(peers, node(server))
    Map.put(peers, node(server), {kind, server})
  end

  @doc "The node is gone, and with it what it had."
  @spec forget(t, node) :: t
  def forget(peers, node) do
    with %{^node => {_, server} = route} <- peers do
      for {{topic, pid}, _, _, _, _} <- Table.by_route([route]),
          do: heard(peers, :over, server, topic, pid)
    end

    Map.delete(peers, node)
  end

  @doc "Another server says that a subscription has begun, or is over."
  @spec heard(t, change, pid, String.t(), pid) :: term
  def heard(peers, change, server, topic, pid) do
    case Map.get(peers, node(server)) do
      {_, ^server} = route -> change(peers, change, route, topic, pid)
      _ -> :ok
    end
  end

  # Of a unit the others have to know.
  defp change(peers, change, {kind, _} = route, topic, pid) do
    changed? =
      if change == :begun,
        do: Table.put(topic, pid, route, nil, :drop) == :new,
        else: Table.delete(topic, pid)

    if changed? and kind == :unit, do: tell(peers, change, topic, pid)
  end

  @doc "Tells who has to know."
  @spec tell(t, change, String.t(), pid) :: term
  def tell(peers, change, topic, pid),
    do:
      for(
        {_, {:node, server}} <- peers,
        do: Courier.deliver(server, {change, self(), topic, pid})
      )
end
