defmodule Rebeam.Names.Cluster.Own do
  @moduledoc false
  # What this node has of the cluster's names: told to the others, given up, lost.

  alias Rebeam.Names.{Claims, Members}
  alias Rebeam.Names.Cluster.State

  # How long all that answer may take to know of a change before who made it goes on, and how long a
  # process that has lost its name has it to itself while it ends; in milliseconds.
  @settle 1_000
  @grace 5_000

  @doc "This node holds that from now on, as it is."
  @spec tell(State.t(), Claims.claim()) :: State.t()
  def tell(state, claim) do
    Claims.hold(claim, state.members)
    State.change(put_in(state.mine[claim.name], claim), {:put, claim})
  end

  @doc "It has the name no more, and asks for it no more."
  @spec drop(State.t(), term) :: State.t()
  def drop(state, name) do
    {_keeper, watcher} = Map.get(state.keepers, name, {nil, nil})
    if watcher, do: send(watcher, :over)
    Claims.drop(name, node())
    {_, mine} = Map.pop(state.mine, name)
    state = %{state | mine: mine, keepers: Map.delete(state.keepers, name)}
    state |> State.change({:drop, name}) |> freed()
  end

  @doc "Who waits for it goes on once all that answer know of the last change."
  @spec settle(State.t(), GenServer.from(), term) :: State.t()
  def settle(state, from, reply) do
    waits = {state.version, Members.now() + @settle, from, reply}
    settled(%{state | settling: [waits | state.settling]})
  end

  @doc "Those that know it may have become all."
  @spec settled(State.t()) :: State.t()
  def settled(%{settling: []} = state), do: state

  def settled(state) do
    now = Members.now()
    known = for node <- Members.contacts(state.members), do: state.members.peers[node].known
    least = Enum.min(known, fn -> state.version end)

    {over, waiting} =
      Enum.split_with(state.settling, fn {version, deadline, _, _} ->
        version <= least or now >= deadline
      end)

    for {_, _, from, reply} <- over, do: GenServer.reply(from, reply)
    %{state | settling: waiting}
  end

  @doc "A name may have become free that somebody waits for."
  @spec freed(State.t()) :: State.t()
  def freed(%{awaiting: []} = state), do: state

  def freed(state) do
    {free, waiting} =
      Enum.split_with(state.awaiting, fn {name, _} -> Claims.find(name) == nil end)

    for {name, pid} <- free, do: send(pid, {:rebeam_free, name})
    %{state | awaiting: waiting}
  end

  # ---- losing a name --------------------------------------------------------------------------

  @doc "Two hold one name: the one that does not keep it is told, wherever it is."
  @spec resolve(State.t(), Claims.claim(), Claims.claim()) :: State.t()
  def resolve(state, one, other) do
    {winner, loser} = Claims.judge(one, other)

    cond do
      loser.node == node() -> state |> lose(loser.name, {:taken, winner}) |> won(winner, loser)
      winner.node == node() -> state |> warn(loser, winner) |> rise(loser.name, loser.fence)
      true -> warn(state, loser, winner)
    end
  end

  defp warn(state, loser, winner) do
    State.say(state, loser.node, {:lost, loser.name, loser.fence, winner})
    state
  end

  defp won(state, winner, loser) do
    State.say(state, winner.node, {:won, loser.name, loser.fence})
    state
  end

  @doc "What another holder had a greater number for is done with a greater one still."
  @spec rise(State.t(), term, pos_integer) :: State.t()
  def rise(state, name, fence) do
    case state.mine[name] do
      %{status: :held, fence: own} = claim when own <= fence ->
        fence = State.next_fence(%{state | top: max(state.top, fence)})
        tell(%{state | top: fence}, %{claim | fence: fence})

      _ ->
        state
    end
  end

  @doc "What no majority supports any more is lost."
  @spec lose_lost(State.t()) :: State.t()
  def lose_lost(%{members: m} = state) do
    version = Members.supported(m)

    lost =
      for {name, %{split: "majority", status: :held, version: asked}} <- state.mine,
          version == nil or asked > version,
          do: name

    Enum.reduce(lost, state, &lose(&2, &1, no_majority(m)))
  end

  @doc "Why nothing is granted, or kept."
  @spec no_majority(Members.t()) :: {:no_majority, String.t()}
  def no_majority(m) do
    there = length(Members.supporters(m))
    {:no_majority, "#{there} of #{max(MapSet.size(Members.members(m)), m.size || 0)}"}
  end

  @doc "It is lost. Nobody else on this side gets it until the process has ended, or had its time for that."
  @spec lose(State.t(), term, term) :: State.t()
  def lose(state, name, why) do
    {claim, {keeper, watcher}} = {state.mine[name], state.keepers[name]}
    lose = state.lose
    Claims.put_lost(claim)

    if keeper do
      send(keeper, {:rebeam_lost, name, why})
    else
      spawn(fn -> lose.(claim, why) end)
      Process.send_after(self(), {:gone, name, watcher}, @grace)
    end

    put_in(state.mine[name].status, :lost)
  end
end
