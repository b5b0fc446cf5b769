defmodule Rebeam.Names.Cluster.Others do
  @moduledoc false
  # The other nodes, as the server of the cluster's names hears of them: who is there, and that this
  # one is.

  alias Rebeam.Names.{Claims, Members, Speaker}
  alias Rebeam.Names.Cluster.{Own, State}

  @doc "There is a connection to that node."
  @spec meet(State.t(), node) :: State.t()
  def meet(state, node) when node == node(), do: state

  def meet(state, node) do
    state = state |> named() |> know(node)
    state = put_in(state.members.peers[node].met, Members.now())
    State.say(state, node, beat_message(state))
    if state.beaten, do: state, else: tick(state)
  end

  # What it had before it was a node is now this node's.
  defp named(state) do
    before = for {_, %{node: node} = claim} when node != node() <- state.mine, do: claim
    for claim <- before, do: Claims.drop(claim.name, claim.node)
    Enum.reduce(before, state, &Own.tell(&2, %{&1 | node: node()}))
  end

  defp tick(state) do
    send(self(), :tick)
    %{state | beaten: Members.now()}
  end

  # With somebody who speaks to it.
  defp know(state, node) do
    peer = Map.get(state.members.peers, node, %Members.Peer{})
    speaker = peer.speaker || Speaker.start_link(node, server())
    put_in(state.members.peers[node], %{peer | speaker: speaker})
  end

  # It has the same name everywhere.
  defp server, do: self() |> Process.info(:registered_name) |> elem(1)

  @doc "The connection is lost. A member is looked for, any other node not."
  @spec part(State.t(), node) :: State.t()
  def part(state, node) do
    case state.members.peers[node] do
      %{status: status, speaker: speaker} when status != :in and speaker != nil ->
        Process.unlink(speaker)
        Process.exit(speaker, :kill)
        put_in(state.members.peers[node].speaker, nil)

      _ ->
        state
    end
  end

  @doc "A node has said of itself what `said/1` gives there."
  @spec heard(State.t(), node, map) :: State.t()
  def heard(state, node, said) do
    before = state.members |> Members.members()
    {members, new?} = Members.heard(state.members, node, said)
    if new?, do: Claims.drop_all(node)
    state = %{state | members: members, top: max(state.top, said.top)}
    joined = MapSet.difference(Members.members(members), before)
    state = Enum.reduce([node | MapSet.to_list(joined)] -- [node()], state, &know(&2, &1))
    if MapSet.size(joined) > 0, do: beat(state), else: state
  end

  @doc "Nothing was heard for long of some."
  @spec away(State.t()) :: State.t()
  def away(%{members: m} = state) do
    away = for {node, _} <- m.peers, Members.away?(m, node), into: MapSet.new(), do: node
    if away != m.away, do: Claims.put_away(away)
    put_in(state.members.away, away)
  end

  @doc "What this node says of itself each time."
  @spec said(State.t()) :: map
  def said(%{members: m} = state) do
    %{
      node: node(),
      incarnation: state.incarnation,
      up: Members.now() - m.started,
      lease: m.lease,
      view: Members.view(m),
      top: state.top,
      at: Members.now()
    }
  end

  defp beat_message(state), do: {:beat, node(), said(state)}

  @doc "Tells all others that it is there. One that never spoke is asked once: it may be none of ours."
  @spec beat(State.t()) :: State.t()
  def beat(state) do
    message = beat_message(state)

    for {_, %{speaker: speaker, incarnation: known, status: status}} <- state.members.peers,
        speaker != nil and (known != nil or status == :in),
        do: Speaker.beat(speaker, message)

    %{state | beaten: Members.now()}
  end

  @doc "The same, if it is time."
  @spec beat_in_time(State.t()) :: State.t()
  def beat_in_time(state) do
    due = state.beaten + div(state.members.lease, 5)
    if Members.now() >= due, do: beat(state), else: state
  end
end
