defmodule Rebeam.Names.Cluster do
  @moduledoc false
  # Names in the cluster: the server of one main node. Units are hidden nodes, for which their main
  # node speaks.
  #
  #   asked --enough nodes grant it--> held --given up, its process ended--> free
  #      \--taken, or no majority--> refused  \--no majority any more, or another holds it--> lost
  #
  # OTP's `:global` is not used: its table is right only where all nodes see each other, which it
  # brings about by taking a cluster apart (`prevent_overlapping_partitions`), and a node that does not
  # answer stops all registrations. Here each claim is one node's and needs the votes of others, so
  # what a majority grants, two never hold (claims.ex), and nobody waits for who does not answer
  # (members.ex). Nodes tell each other what they have by numbered changes; who missed one gets all.
  use GenServer

  alias Rebeam.Nodes
  alias Rebeam.Names.{Claims, Members, Speaker}

  # How long all that answer may take to know of a change before who made it goes on, and how long
  # a claim may take, in milliseconds.
  @settle 1_000
  @claim 4_500
  # Claims that met each other are made again after up to so long, for each time.
  @retry 20
  @purge 60_000
  # How long a process that has lost its name has it to itself while it ends.
  @grace 5_000
  # How long this node leaves, at most.
  @leave 1_000

  # Seconds.
  @default_lease 4

  @type name :: String.t() | {:once, String.t()}
  @type refusal ::
          {:already_registered, pid | node} | {:no_majority, String.t()} | :timeout | :done

  def child_spec(lose), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [lose]}}

  @doc "`lose` is called with a claim and why, in a process of its own, when this node has lost it."
  def start_link(lose), do: GenServer.start_link(__MODULE__, lose, name: __MODULE__)

  # ---- asking ---------------------------------------------------------------------------------

  @doc """
  On the main node: `pid` gets the name. With a keeper, that process is told `{:rebeam_lost, name, why}` in
  place of the end of `pid`.
  """
  @spec claim(name, pid | nil, String.t(), pid | nil) :: :ok | {:error, refusal}
  def claim(name, pid, split, keeper \\ nil),
    do: GenServer.call(__MODULE__, {:claim, name, pid, split, keeper}, :infinity)

  @doc "The name that this node holds is that process's from now on."
  @spec point(name, pid | nil) :: :ok
  def point(name, pid), do: GenServer.call(__MODULE__, {:point, name, pid}, :infinity)

  @doc "This node has the name no more, if that process, or keeper, had it."
  @spec give_up(name, pid) :: :ok
  def give_up(name, pid), do: GenServer.call(__MODULE__, {:give_up, name, pid}, :infinity)

  @doc "What this node has as the keeper's is done: nobody else gets it while this node is there."
  @spec finish(name, pid) :: :ok
  def finish(name, keeper), do: GenServer.call(__MODULE__, {:finish, name, keeper}, :infinity)

  @doc "The caller is sent `{:rebeam_free, name}` once nobody has the name, as far as this node knows."
  @spec await_free(name) :: :ok
  def await_free(name), do: GenServer.cast(__MODULE__, {:await_free, name, self()})

  @doc "The fences of what processes of this node have."
  @spec fences([pid]) :: %{name => pos_integer}
  def fences(pids), do: GenServer.call(__MODULE__, {:fences, pids})

  @doc "This node leaves the cluster: what it has is free, and it counts no more."
  @spec leave :: :ok
  def leave do
    if Process.whereis(__MODULE__), do: GenServer.call(__MODULE__, :leave, @leave * 2)
    :ok
  catch
    :exit, _ -> :ok
  end

  @doc "What this node knows: members, supporters, quorum."
  @spec members :: %{members: [node], supporters: [node], quorum: pos_integer}
  def members, do: GenServer.call(__MODULE__, :members)

  # ---- the server -----------------------------------------------------------------------------

  # `version`: how many changes of this node's there were; `top`: the greatest fence that was heard
  # of; `mine`: what this node asks for or holds; `attempts`: who waits for that, by their reference;
  # `settling`: who waits until a change is known.
  defstruct [:members, :lose, :incarnation, version: 0, top: 0] ++
              [
                mine: %{},
                attempts: %{},
                keepers: %{},
                settling: [],
                doubts: %{},
                awaiting: [],
                ticking?: false
              ]

  @impl true
  def init(lose) do
    if Nodes.main?(), do: start(lose), else: :ignore
  end

  defp start(lose) do
    Claims.new()
    now = System.os_time(:microsecond)
    size = Application.get_env(:rebeam, :cluster_size)
    lease = 1000 * Application.get_env(:rebeam, :cluster_lease, @default_lease)
    members = Members.new(lease, size, now)
    state = %__MODULE__{members: members, lose: lose, top: now, incarnation: {now, make_ref()}}
    :net_kernel.monitor_nodes(true, node_type: :visible)
    Process.send_after(self(), :purge, @purge)
    {:ok, Enum.reduce(Node.list(), state, &meet(&2, &1))}
  end

  @impl true
  def handle_call({:claim, name, pid, split, keeper}, from, state) do
    attempt = %{name: name, pid: pid, split: split, keeper: keeper, from: from}
    more = %{tries: 0, votes: [], deadline: Members.now() + @claim}
    {:noreply, attempt(Map.merge(attempt, more), state)}
  end

  def handle_call({:point, name, pid}, from, state) do
    case state.mine[name] do
      %{status: :held} = claim ->
        {:noreply, state |> tell(%{claim | pid: pid}) |> settle(from, :ok)}

      _ ->
        {:reply, :ok, state}
    end
  end

  def handle_call({:give_up, name, pid}, from, state) do
    if mine?(state, name, pid),
      do: {:noreply, state |> drop(name) |> settle(from, :ok)},
      else: {:reply, :ok, state}
  end

  def handle_call({:finish, name, pid}, from, state) do
    if mine?(state, name, pid),
      do:
        {:noreply,
         state |> tell(%{state.mine[name] | status: :done, pid: nil}) |> settle(from, :ok)},
      else: {:reply, :ok, state}
  end

  def handle_call({:fences, pids}, _from, state) do
    state = lose_lost(state)

    fences =
      for {name, %{status: :held, fence: fence}} <- state.mine,
          Enum.any?(pids, &mine?(state, name, &1)),
          into: %{},
          do: {text(name), fence}

    {:reply, fences, state}
  end

  def handle_call(:leave, from, state) do
    for {_, peer} <- state.members.peers, do: say(peer, {:leaving, node(), next_fence(state)})
    state = Enum.reduce(Map.keys(state.mine), state, &drop(&2, &1))
    {:noreply, settle(state, from, :ok)}
  end

  def handle_call(:members, _from, %{members: m} = state) do
    all = m |> Members.members() |> Enum.sort()
    {:reply, %{members: all, supporters: Members.supporters(m), quorum: Members.quorum(m)}, state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast({:await_free, name, pid}, state),
    do: {:noreply, freed(%{state | awaiting: [{name, pid} | state.awaiting]})}

  def handle_cast(_message, state), do: {:noreply, state}

  defp text({:once, id}), do: id
  defp text(name), do: name

  defp mine?(state, name, pid) do
    case state.mine[name] do
      %{status: status, pid: holder} when status != :asked ->
        pid in [holder, elem(state.keepers[name], 0)]

      _ ->
        false
    end
  end

  @impl true
  def handle_info({:nodeup, node, _}, state), do: {:noreply, meet(state, node)}
  def handle_info({:nodedown, node, _}, state), do: {:noreply, state |> part(node) |> beat()}

  def handle_info({:beat, node, said}, state) do
    state = heard(state, node, said)
    peer = state.members.peers[node]
    say(peer, {:heard, node(), said(state), said.at, peer.seen})
    {:noreply, state}
  end

  def handle_info({:heard, node, said, at, known}, state) do
    state = heard(state, node, said)
    state = %{state | members: Members.answered(state.members, node, at, known)}
    if known < state.version, do: say(state.members.peers[node], all(state))
    {:noreply, state |> settled() |> evaluate_all()}
  end

  def handle_info({:change, node, incarnation, version, change, at}, state) do
    case state.members.peers[node] do
      %{incarnation: ^incarnation, seen: seen} = peer when seen == version - 1 ->
        state = put_in(state.members.peers[node].seen, version)
        state = take(change, node, %{state | top: max(state.top, fence(change))})
        say(peer, {:known, node(), state.top, at, version, vote(change, state)})
        {:noreply, freed(state)}

      # Its beat tells what is missing.
      _ ->
        {:noreply, state}
    end
  end

  def handle_info({:all, node, incarnation, version, claims, at}, state) do
    case state.members.peers[node] do
      %{incarnation: ^incarnation} = peer ->
        Claims.drop_all(node, MapSet.new(claims, & &1.name))
        state = put_in(state.members.peers[node].seen, version)
        top = Enum.max([state.top | Enum.map(claims, & &1.fence)])
        state = Enum.reduce(claims, %{state | top: top}, &take({:put, &1}, node, &2))
        votes = for claim <- claims, vote = vote({:put, claim}, state), do: vote
        say(peer, {:known, node(), state.top, at, version, votes})
        {:noreply, freed(state)}

      _ ->
        {:noreply, state}
    end
  end

  def handle_info({:known, node, top, at, version, votes}, state) do
    if is_map_key(state.members.peers, node) do
      members = Members.answered(state.members, node, at, version)
      state = %{state | members: members, top: max(state.top, top)}
      state = votes |> List.wrap() |> Enum.reduce(state, &voted(&1, node, &2))
      {:noreply, settled(state)}
    else
      {:noreply, state}
    end
  end

  def handle_info({:lost, name, fence, winner}, state) do
    case state.mine[name] do
      %{status: :held, fence: ^fence} -> {:noreply, lose(state, name, {:taken, winner})}
      _ -> {:noreply, state}
    end
  end

  def handle_info({:leaving, node, stamp}, state) do
    if is_map_key(state.members.peers, node) do
      Claims.drop_all(node)
      members = Members.left(state.members, node, stamp)
      {:noreply, freed(evaluate_all(%{state | members: members}))}
    else
      {:noreply, state}
    end
  end

  def handle_info({:gone, name, watcher}, state) do
    case {state.mine[name], state.keepers[name]} do
      {%{status: :done}, _} -> {:noreply, state}
      {_, {_, ^watcher}} -> {:noreply, drop(state, name)}
      _ -> {:noreply, state}
    end
  end

  def handle_info({:again, attempt}, state), do: {:noreply, attempt(attempt, state)}
  def handle_info({:late, ref}, state), do: {:noreply, late(state.attempts[ref], ref, state)}

  def handle_info(:tick, state) do
    Process.send_after(self(), :tick, div(state.members.lease, 20))

    state =
      state |> lose_lost() |> settled() |> beat_in_time() |> evaluate_all() |> away() |> freed()

    {:noreply,
     put_in(state.members.ever?, state.members.ever? or Members.majority?(state.members))}
  end

  def handle_info(:purge, state) do
    Process.send_after(self(), :purge, @purge)
    Claims.purge(System.os_time(:microsecond))
    {:noreply, %{state | members: Members.forget(state.members, next_fence(state))}}
  end

  def handle_info(_message, state), do: {:noreply, state}

  # ---- other nodes ----------------------------------------------------------------------------

  defp meet(state, node) when node == node(), do: state

  defp meet(state, node) do
    state = state |> named() |> know(node)
    state = put_in(state.members.peers[node].met, Members.now())
    say(state.members.peers[node], beat_message(state))
    if state.ticking?, do: state, else: tick(state)
  end

  # What it had before it was a node is now this node's.
  defp named(state) do
    before = for {_, %{node: node} = claim} when node != node() <- state.mine, do: claim
    for claim <- before, do: Claims.drop(claim.name, claim.node)
    Enum.reduce(before, state, &tell(&2, %{&1 | node: node()}))
  end

  defp tick(state) do
    send(self(), :tick)
    Process.put(:beaten, Members.now())
    %{state | ticking?: true}
  end

  # With somebody who speaks to it.
  defp know(state, node) do
    peer = Map.get(state.members.peers, node, %Members.Peer{})
    speaker = peer.speaker || Speaker.start_link(node, __MODULE__)
    put_in(state.members.peers[node], %{peer | speaker: speaker})
  end

  # A member is looked for, any other node not.
  defp part(state, node) do
    case state.members.peers[node] do
      %{status: status, speaker: speaker} when status != :in and speaker != nil ->
        Process.unlink(speaker)
        Process.exit(speaker, :kill)
        put_in(state.members.peers[node].speaker, nil)

      _ ->
        state
    end
  end

  defp heard(state, node, said) do
    before = state.members |> Members.members()
    {members, new?} = Members.heard(state.members, node, said)
    if new?, do: Claims.drop_all(node)
    state = %{state | members: members, top: max(state.top, said.top)}
    joined = MapSet.difference(Members.members(members), before)
    state = Enum.reduce([node | MapSet.to_list(joined)] -- [node()], state, &know(&2, &1))
    if MapSet.size(joined) > 0, do: beat(state), else: state
  end

  defp away(%{members: m} = state) do
    away = for {node, _} <- m.peers, Members.away?(m, node), into: MapSet.new(), do: node
    if away != m.away, do: Claims.put_away(away)
    put_in(state.members.away, away)
  end

  defp freed(%{awaiting: []} = state), do: state

  defp freed(state) do
    {free, waiting} =
      Enum.split_with(state.awaiting, fn {name, _} -> Claims.find(name) == nil end)

    for {name, pid} <- free, do: send(pid, {:rebeam_free, name})
    %{state | awaiting: waiting}
  end

  # What a node says of itself each time.
  defp said(%{members: m} = state) do
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

  # A node that never spoke is asked once: it may be none of ours.
  defp beat(state) do
    Process.put(:beaten, Members.now())
    message = beat_message(state)

    for {_, %{speaker: speaker, incarnation: known, status: status}} <- state.members.peers,
        speaker != nil and (known != nil or status == :in),
        do: Speaker.beat(speaker, message)

    state
  end

  defp beat_in_time(state) do
    due = Process.get(:beaten) + div(state.members.lease, 5)
    if Members.now() >= due, do: beat(state), else: state
  end

  defp say(%{speaker: nil}, _message), do: :ok
  defp say(%{speaker: speaker}, message), do: Speaker.say(speaker, message)
  defp say(nil, _message), do: :ok

  defp all(state) do
    claims = Map.values(state.mine)
    {:all, node(), state.incarnation, state.version, claims, Members.now()}
  end

  # ---- what this node has ---------------------------------------------------------------------

  defp next_fence(state), do: max(state.top + 1, System.os_time(:microsecond))

  # One more change, which all others are told.
  defp change(state, change) do
    version = state.version + 1
    message = {:change, node(), state.incarnation, version, change, Members.now()}
    for {_, peer} <- state.members.peers, do: say(peer, message)
    %{state | version: version}
  end

  defp tell(state, claim) do
    Claims.hold(claim, state.members)
    change(put_in(state.mine[claim.name], claim), {:put, claim})
  end

  defp drop(state, name) do
    {_keeper, watcher} = Map.get(state.keepers, name, {nil, nil})
    if watcher, do: send(watcher, :over)
    Claims.drop(name, node())
    {_, mine} = Map.pop(state.mine, name)
    state = %{state | mine: mine, keepers: Map.delete(state.keepers, name)}
    state |> change({:drop, name}) |> freed()
  end

  # Whoever waits for it goes on once all that answer know of the last change.
  defp settle(state, from, reply) do
    waits = {state.version, Members.now() + @settle, from, reply}
    settled(%{state | settling: [waits | state.settling]})
  end

  defp settled(%{settling: []} = state), do: state

  defp settled(state) do
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

  # ---- asking for a name ----------------------------------------------------------------------

  defp attempt(%{name: name} = attempt, state) do
    case {state.mine[name], :global.whereis_name(name)} do
      {nil, :undefined} ->
        ask(attempt, state)

      {nil, pid} ->
        refuse(attempt, {:already_registered, pid}, state)

      {%{status: status} = claim, _} when status in [:held, :done] ->
        refused({:taken, claim}, attempt, state)

      {_asked_or_lost, _} ->
        again(attempt, @retry, state)
    end
  end

  defp ask(attempt, state) do
    {ref, fence} = {make_ref(), next_fence(state)}

    claim = %{
      name: attempt.name,
      node: node(),
      pid: attempt.pid,
      fence: fence,
      since: fence,
      split: attempt.split,
      status: :asked,
      version: state.version + 1,
      ref: ref
    }

    case Claims.vote(claim, state.members) do
      :granted ->
        state = change(put_in(state.mine[claim.name], claim), {:put, claim})
        left = max(attempt.deadline - Members.now(), 0)

        attempt =
          Map.merge(attempt, %{
            votes: [node()],
            timer: Process.send_after(self(), {:late, ref}, left)
          })

        evaluate(ref, put_in(%{state | top: fence}.attempts[ref], attempt))

      other ->
        refused(other, attempt, state)
    end
  end

  defp refused({:taken, %{status: :done}}, attempt, state), do: refuse(attempt, :done, state)

  defp refused({:taken, claim}, attempt, state),
    do: refuse(attempt, {:already_registered, claim.pid || claim.node}, state)

  defp refused({:fence, fence}, attempt, state),
    do: again(attempt, 0, %{state | top: max(state.top, fence)})

  defp refused(:contended, attempt, state), do: again(attempt, @retry, state)

  defp again(%{tries: tries} = attempt, pause, state) do
    if Members.now() >= attempt.deadline do
      refuse(attempt, :timeout, state)
    else
      pause = if pause > 0, do: :rand.uniform(pause * (tries + 1)), else: 0

      Process.send_after(
        self(),
        {:again, %{attempt | tries: min(tries + 1, 10), votes: []}},
        pause
      )

      state
    end
  end

  defp refuse(attempt, why, state) do
    GenServer.reply(attempt.from, {:error, why})
    state
  end

  # What another node says to a claim of this one.
  defp voted({ref, vote}, node, state) do
    case state.attempts[ref] do
      nil -> state
      attempt -> voted(vote, node, ref, attempt, state)
    end
  end

  defp voted(:granted, node, ref, attempt, state) do
    evaluate(
      ref,
      put_in(state.attempts[ref], %{attempt | votes: Enum.uniq([node | attempt.votes])})
    )
  end

  defp voted(other, _node, ref, attempt, state), do: refused(other, attempt, withdraw(state, ref))

  defp withdraw(state, ref) do
    {attempt, attempts} = Map.pop(state.attempts, ref)
    Process.cancel_timer(attempt.timer)
    drop(%{state | attempts: attempts}, attempt.name)
  end

  defp evaluate_all(state), do: Enum.reduce(Map.keys(state.attempts), state, &evaluate/2)

  defp evaluate(ref, state) do
    %{name: name} = attempt = state.attempts[ref]

    cond do
      enough?(attempt, state) -> win(ref, attempt, state.mine[name], state)
      hopeless?(attempt, state) -> refuse(attempt, no_majority(state), withdraw(state, ref))
      true -> state
    end
  end

  defp enough?(%{split: "majority"} = attempt, %{members: m}) do
    counted = for node <- Members.supporters(m), node in attempt.votes, do: node
    length(counted) >= Members.quorum(m) and not Members.meeting?(m)
  end

  defp enough?(attempt, %{members: m}),
    do: Members.contacts(m) -- attempt.votes == [] and not Members.meeting?(m)

  # A majority that was there and is not will not be there in a moment; at the start it may.
  defp hopeless?(%{split: "majority"}, %{members: m}),
    do: m.ever? and length(Members.supporters(m)) < Members.quorum(m)

  defp hopeless?(_attempt, _state), do: false

  defp no_majority(%{members: m}) do
    there = length(Members.supporters(m))
    {:no_majority, "#{there} of #{Enum.max([MapSet.size(Members.members(m)), m.size || 0])}"}
  end

  defp late(nil, _ref, state), do: state

  defp late(%{split: "majority"} = attempt, ref, state) do
    why = if Members.majority?(state.members), do: :timeout, else: no_majority(state)
    refuse(attempt, why, withdraw(state, ref))
  end

  defp late(attempt, ref, state), do: refuse(attempt, :timeout, withdraw(state, ref))

  defp win(ref, attempt, claim, state) do
    Process.cancel_timer(attempt.timer)
    state = %{state | attempts: Map.delete(state.attempts, ref)}
    keeper = {attempt.keeper, watch(claim.name, attempt.keeper || attempt.pid)}
    state = put_in(state.keepers[claim.name], keeper)
    state |> tell(%{claim | status: :held, ref: nil}) |> settle(attempt.from, :ok)
  end

  # The process may be a unit's, which may take nothing: no server monitors it.
  defp watch(name, pid) do
    server = self()

    spawn_link(fn ->
      Process.flag(:trap_exit, true)
      monitor = Process.monitor(pid)

      receive do
        {:DOWN, ^monitor, :process, _, _} -> send(server, {:gone, name, self()})
        {:EXIT, ^server, _} -> :ok
        :over -> :ok
      end
    end)
  end

  # ---- what other nodes have ------------------------------------------------------------------

  defp fence({:put, claim}), do: claim.fence
  defp fence(_), do: 0

  defp vote({:put, %{status: :asked, ref: ref} = claim}, state),
    do: {ref, Claims.vote(claim, state.members)}

  defp vote(_change, _state), do: nil

  # A claim that is only asked for is voted on.
  defp take({:put, %{status: :asked}}, _node, state), do: state
  defp take({:drop, name}, node, state), do: Claims.drop(name, node) && state

  defp take({:put, claim}, _node, state) do
    claim |> Claims.hold(state.members) |> Enum.reduce(state, &resolve(&2, claim, &1))
  end

  # Two hold one name: the one that does not keep it is told, wherever it is.
  defp resolve(state, one, other) do
    {winner, loser} = Claims.judge(one, other)

    cond do
      loser.node == node() -> lose(state, loser.name, {:taken, winner})
      winner.node == node() -> state |> warn(loser, winner) |> rise(winner, loser)
      true -> warn(state, loser, winner)
    end
  end

  defp warn(state, loser, winner) do
    say(state.members.peers[loser.node], {:lost, loser.name, loser.fence, winner})
    state
  end

  # What the other one had a greater number for is done with a greater one still.
  defp rise(state, %{fence: fence} = winner, loser) when fence < loser.fence do
    fence = next_fence(state)
    tell(%{state | top: fence}, %{winner | fence: fence})
  end

  defp rise(state, _winner, _loser), do: state

  # ---- losing a name --------------------------------------------------------------------------

  # A node that was just taken in may not have said yet that it supports this one.
  defp lose_lost(%{members: m} = state) do
    now = Members.now()

    doubts =
      for {name, %{split: "majority", status: :held, version: version}} <- state.mine,
          not Members.majority?(m, version),
          into: %{},
          do: {name, Map.get(state.doubts, name, now)}

    lost = for {name, since} <- doubts, now - since >= Members.doubt(m.lease), do: name
    Enum.reduce(lost, %{state | doubts: doubts}, &lose(&2, &1, no_majority(state)))
  end

  # Nobody else on this side gets it until the process has ended, or had its time for that.
  defp lose(state, name, why) do
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

  @impl true
  def terminate(_reason, _state), do: :ok
end
