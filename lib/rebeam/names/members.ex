defmodule Rebeam.Names.Members do
  @moduledoc false
  # Which nodes there are in the cluster, as far as this one knows, and which of them support it. No
  # process: what `Rebeam.Names.Cluster` has in its state.
  #
  # A *member* counts for the majority, whether it is there or not. A node that is met becomes one if
  # a majority takes it in; until then it is a guest. It is none any more when it has left in order,
  # or was away for long while there was a majority.
  #
  #   guest --taken in--> in --left in order, or away for long--> out --met again--> guest
  #
  # A node supports this one for the length of a *lease* from the moment at which it was asked, which
  # is before it answered. It gives no name of this node to another one before it has heard nothing
  # from it for somewhat longer than that. So the clocks of both need only go at the same speed.

  defmodule Peer do
    @moduledoc false
    # `incarnation`: which of the VMs that had the name; `counts_from`: when what it says counts, as
    # what the VM before has promised is over then; `lease`: its own; `heard`: when it last spoke;
    # `asked`: when the last question was put that it has answered; `known`: how many of this node's
    # changes it had seen then; `seen`: how many of its changes this node has seen; `ins`: whom it
    # takes for members. Times are monotonic milliseconds.
    defstruct status: :guest,
              stamp: 0,
              speaker: nil,
              incarnation: nil,
              counts_from: nil,
              lease: 0,
              heard: nil,
              asked: nil,
              known: -1,
              seen: -1,
              met: nil,
              joined: nil,
              ins: MapSet.new()
  end

  @enforce_keys [:lease, :size, :stamp, :started]
  defstruct @enforce_keys ++ [peers: %{}, away: MapSet.new(), ever?: false]

  @type t :: %__MODULE__{}

  # Parts of a lease: how long a node without a majority keeps what it has, and how much later than
  # that others take it, with some milliseconds more.
  @part 4
  @margin 300

  # How long a node that was met has to say that it is one of ours, in milliseconds.
  @meeting 1_000

  # A member that was away for so long, while there was a majority, is none any more: milliseconds.
  @forgotten 600_000

  @doc "This node alone. `size`: how many nodes there are to be, nil if nobody said so."
  @spec new(pos_integer, pos_integer | nil, pos_integer) :: t
  def new(lease, size, stamp),
    do: %__MODULE__{lease: lease, size: size, stamp: stamp, started: now()}

  # More changes than there are.
  @everything 0xFFFFFFFFFFFFFFFF

  @doc "When names are free that a node had from which nothing is heard any more: after so long."
  @spec patience(pos_integer) :: pos_integer
  def patience(lease), do: lease + 2 * div(lease, @part) + @margin

  @doc "How long it may be in doubt whether there is a majority."
  @spec doubt(pos_integer) :: pos_integer
  def doubt(lease), do: div(lease, @part)

  @spec now :: integer
  def now, do: System.monotonic_time(:millisecond)

  @doc "All members, this node among them."
  @spec members(t) :: MapSet.t(node)
  def members(m), do: for({node, %{status: :in}} <- m.peers, into: MapSet.new([node()]), do: node)

  @doc "How many are more than half."
  @spec quorum(t) :: pos_integer
  def quorum(m), do: more_than_half(m, MapSet.size(members(m)))

  defp more_than_half(m, count), do: div(max(m.size || 0, count), 2) + 1

  @doc "Who supports this node now. Itself counts too."
  @spec supporters(t) :: [node]
  def supporters(m) do
    {now, members} = {now(), members(m)}
    others = for {node, peer} <- m.peers, supports?(m, peer, members, now), do: node
    if own_counts?(m, now), do: [node() | others], else: others
  end

  defp supports?(m, peer, members, now) do
    peer.status == :in and fresh?(peer, m, now) and counts?(peer) and
      agrees?(m, peer, members)
  end

  @doc "Whether those are more than half."
  @spec majority?(t) :: boolean
  def majority?(m), do: length(supporters(m)) >= quorum(m)

  @doc """
  Up to which of its changes a majority supports this node, or did a moment ago; nil if none does. Who
  was just taken in need not have said so yet.
  """
  @spec supported(t) :: integer | nil
  def supported(m) do
    {now, members} = {now() - doubt(m.lease), members(m)}

    peers =
      for {_, %{status: :in} = peer} <- m.peers, peer.joined == nil or peer.joined < now, do: peer

    others = for peer <- peers, supports?(m, peer, members, now), do: peer.known
    own = if own_counts?(m, now()), do: [@everything], else: []
    (own ++ others) |> Enum.sort(:desc) |> Enum.at(more_than_half(m, length(peers) + 1) - 1)
  end

  # Where the size is known, a VM before this one may have promised something.
  defp own_counts?(%{size: nil}, _now), do: true
  defp own_counts?(m, now), do: now >= m.started + patience(m.lease)

  defp counts?(%{counts_from: from}), do: from == nil or now() >= from

  defp fresh?(peer, m, now), do: peer.asked != nil and peer.asked + m.lease > now

  # Who counts more nodes than this one does belongs to a majority of those.
  defp agrees?(m, peer, members) do
    Enum.all?(peer.ins, &(&1 in members or match?(%{status: :out}, m.peers[&1])))
  end

  @doc "Whether a node was just met of which it is not known yet whether it is one of ours."
  @spec meeting?(t) :: boolean
  def meeting?(m) do
    since = now() - @meeting

    Enum.any?(m.peers, fn {_, peer} ->
      peer.incarnation == nil and peer.met != nil and peer.met > since
    end)
  end

  @doc "Notes that there was a majority."
  @spec noted(t) :: t
  def noted(m), do: %{m | ever?: m.ever? or majority?(m)}

  @doc "Those that answer: members and guests."
  @spec contacts(t) :: [node]
  def contacts(m) do
    now = now()
    for {node, peer} <- m.peers, fresh?(peer, m, now), do: node
  end

  @doc "Whether what a node has is anybody's: nothing was heard from it for long enough."
  @spec away?(t, node) :: boolean
  def away?(_m, node) when node == node(), do: false

  def away?(m, node) do
    case m.peers[node] do
      %{heard: heard, lease: lease} when heard != nil -> heard + patience(lease) < now()
      _ -> true
    end
  end

  # ---- what others say ------------------------------------------------------------------------

  @doc "Who this node takes for what, for others."
  @spec view(t) :: %{node => {:in | :out, pos_integer}}
  def view(m) do
    for {node, %{status: status, stamp: stamp}} <- m.peers,
        status != :guest,
        into: %{node() => {:in, m.stamp}},
        do: {node, {status, stamp}}
  end

  @doc """
  A node has spoken. Also whether it is another incarnation than before: what the one before had is
  nobody's.
  """
  @spec heard(t, node, map) :: {t, new? :: boolean}
  def heard(m, node, said) do
    peer = Map.get(m.peers, node, %Peer{})
    new? = peer.incarnation not in [nil, said.incarnation]
    peer = if peer.incarnation == said.incarnation, do: peer, else: born(m, peer, said)
    ins = for {each, {:in, _}} <- said.view, into: MapSet.new(), do: each
    peer = %{peer | heard: now(), lease: said.lease, ins: ins}
    {merge(put_in(m.peers[node], peer), said.view), new?}
  end

  defp born(m, peer, said) do
    {:in, since} = said.view[said.node]
    another? = peer.incarnation != nil or (peer.status == :in and peer.stamp < since)
    waits? = another? or m.size != nil
    from = if waits?, do: now() - said.up + patience(max(m.lease, said.lease))
    %{peer | incarnation: said.incarnation, counts_from: from, asked: nil, known: -1, seen: -1}
  end

  @doc "It has answered what it was asked at that time, and has seen so many changes."
  @spec answered(t, node, integer, integer) :: t
  def answered(m, node, asked, known) do
    update_in(m.peers[node], fn peer ->
      %{peer | asked: max(asked, peer.asked || asked), known: max(known, peer.known)}
    end)
  end

  defp merge(m, view) do
    m = Enum.reduce(view, m, &out/2)
    {mine, theirs} = {members(m), for({node, {:in, _}} <- view, into: MapSet.new(), do: node)}

    if MapSet.subset?(mine, theirs) or takes_in?(m),
      do: Enum.reduce(view, m, &take_in/2),
      else: m
  end

  # Those that still come together need not agree yet on who they are.
  defp takes_in?(m) do
    {now, size} = {now(), MapSet.size(members(m))}
    there = for {_, %{status: :in} = peer} <- m.peers, fresh?(peer, m, now), do: peer
    size < (m.size || 0) or length(there) + 1 >= quorum(m)
  end

  defp out({node, {:out, stamp}}, m) when node == node(),
    do: %{m | stamp: max(m.stamp, stamp + 1)}

  defp out({node, {:out, stamp}}, m) do
    case m.peers[node] do
      %{stamp: old} = peer when old < stamp ->
        put_in(m.peers[node], %{peer | status: :out, stamp: stamp})

      _ ->
        m
    end
  end

  defp out(_in, m), do: m

  defp take_in({node, {:in, stamp}}, m) when node != node() do
    peer = Map.get(m.peers, node, %Peer{})

    if peer.stamp < stamp,
      do: put_in(m.peers[node], joined(%{peer | stamp: stamp})),
      else: m
  end

  defp take_in(_other, m), do: m

  defp joined(%{status: :in} = peer), do: peer
  defp joined(peer), do: %{peer | status: :in, joined: now()}

  @doc "A node leaves in order."
  @spec left(t, node, pos_integer) :: t
  def left(m, node, stamp), do: out({node, {:out, stamp}}, m)

  @doc "Those that were away for long are no members any more, if there is a majority."
  @spec forget(t, pos_integer) :: t
  def forget(m, stamp) do
    if majority?(m) do
      old = now() - @forgotten

      gone =
        for {node, %{status: :in, heard: heard}} <- m.peers,
            heard != nil and heard < old,
            do: node

      Enum.reduce(gone, m, &left(&2, &1, stamp))
    else
      m
    end
  end
end
