defmodule Rebeam.Names.Cluster.State do
  @moduledoc false
  # What the server of the cluster's names knows, and how it speaks to others.

  alias Rebeam.Names.{Members, Speaker}

  # `version`: how many changes of this node's there were; `top`: the greatest fence that was heard
  # of; `mine`: what this node asks for or holds, by name; `attempts`: who waits for that, by its
  # reference; `keepers`: of what it holds, whom to tell of a loss and who watches for its end;
  # `settling`: who waits until a change is known; `awaiting`: who waits until a name is free;
  # `beaten`: when it last said that it is there.
  @enforce_keys [:members, :lose, :top, :incarnation]
  defstruct @enforce_keys ++
              [version: 0, mine: %{}, attempts: %{}, keepers: %{}] ++
              [settling: [], awaiting: [], beaten: nil]

  @type t :: %__MODULE__{}

  @doc "A greater fence than any before."
  @spec next_fence(t) :: pos_integer
  def next_fence(state), do: max(state.top + 1, System.os_time(:microsecond))

  @doc "Has another node be told something, if there is a connection to it or one is wanted."
  @spec say(t, node, term) :: term
  def say(state, node, message) do
    with %{speaker: speaker} when speaker != nil <- state.members.peers[node],
         do: Speaker.say(speaker, message)
  end

  @doc "One more change, which all others are told."
  @spec change(t, term) :: t
  def change(state, change) do
    version = state.version + 1
    message = {:change, node(), state.incarnation, version, change, Members.now()}
    for {node, _} <- state.members.peers, do: say(state, node, message)
    %{state | version: version}
  end

  @doc "All that this node has, for one that missed a change."
  @spec all(t) :: term
  def all(state),
    do: {:all, node(), state.incarnation, state.version, Map.values(state.mine), Members.now()}
end
