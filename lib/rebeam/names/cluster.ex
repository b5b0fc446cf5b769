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
  alias Rebeam.Names.Cluster.{Attempts, Others, Own, State}
  alias Rebeam.Names.{Claims, Members}

  # How long a claim may take, and how often what is over is forgotten, in milliseconds.
  @claim 4_500
  @purge 60_000
  # How long this node leaves, at most.
  @leave 2_000

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

  @doc "The fences of what a process of this node has, or one of those above it keeps."
  @spec fences([pid, ...]) :: %{name => pos_integer}
  def fences(pids), do: GenServer.call(__MODULE__, {:fences, pids})

  @doc "This node leaves the cluster: what it has is free, and it counts no more."
  @spec leave :: :ok
  def leave do
    if Process.whereis(__MODULE__), do: GenServer.call(__MODULE__, :leave, @leave)
    :ok
  catch
    :exit, _ -> :ok
  end

  @doc "What this node knows: members, supporters, quorum."
  @spec members :: %{members: [node], supporters: [node], quorum: pos_integer}
  def members, do: GenServer.call(__MODULE__, :members)

  # ---- the server -----------------------------------------------------------------------------

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
    state = %State{members: members, lose: lose, top: now, incarnation: {now, make_ref()}}
    :net_kernel.monitor_nodes(true, node_type: :visible)
    Process.send_after(self(), :purge, @purge)
    {:ok, Enum.reduce(Node.list(), state, &Others.meet(&2, &1))}
  end

  @impl true
  def handle_call({:claim, name, pid, split, keeper}, from, state) do
    attempt = %{name: name, pid: pid, split: split, keeper: keeper, from: from}
    more = %{tries: 0, votes: [], deadline: Members.now() + @claim}
    {:noreply, Attempts.attempt(Map.merge(attempt, more), state)}
  end

  def handle_call({:point, name, pid}, from, state) do
    case state.mine[name] do
      %{status: :held} = claim ->
        {:noreply, state |> Own.tell(%{claim | pid: pid}) |> Own.settle(from, :ok)}

      _ ->
        {:reply, :ok, state}
    end
  end

  def handle_call({:give_up, name, pid}, from, state) do
    if mine?(state, name, pid),
      do: {:noreply, state |> Own.drop(name) |> Own.settle(from, :ok)},
      else: {:reply, :ok, state}
  end

  def handle_call({:finish, name, pid}, from, state) do
    if mine?(state, name, pid),
      do:
        {:noreply,
         state |> Own.tell(%{state.mine[name] | status: :done, pid: nil}) |> Own.settle(from, :ok)},
      else: {:reply, :ok, state}
  end

  def handle_call({:fences, [pid | above]}, _from, state) do
    state = Own.lose_lost(state)

    fences =
      for {name, %{status: :held, fence: fence}} <- state.mine,
          mine?(state, name, pid) or elem(state.keepers[name], 0) in above,
          into: %{},
          do: {text(name), fence}

    {:reply, fences, state}
  end

  def handle_call(:leave, from, state) do
    leaving = {:leaving, node(), State.next_fence(state)}
    for {node, _} <- state.members.peers, do: State.say(state, node, leaving)
    state = Enum.reduce(Map.keys(state.mine), state, &Own.drop(&2, &1))
    {:noreply, Own.settle(state, from, :ok)}
  end

  def handle_call(:members, _from, %{members: m} = state) do
    all = m |> Members.members() |> Enum.sort()
    {:reply, %{members: all, supporters: Members.supporters(m), quorum: Members.quorum(m)}, state}
  end

  def handle_call(_request, _from, state), do: {:reply, {:error, :not_a_rebeam_call}, state}

  @impl true
  def handle_cast({:await_free, name, pid}, state),
    do: {:noreply, Own.freed(%{state | awaiting: [{name, pid} | state.awaiting]})}

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
  def handle_info({:nodeup, node, _}, state), do: {:noreply, Others.meet(state, node)}

  def handle_info({:nodedown, node, _}, state),
    do: {:noreply, state |> Others.part(node) |> Others.beat()}

  def handle_info({:beat, node, said}, state) do
    state = Others.heard(state, node, said)
    seen = state.members.peers[node].seen
    State.say(state, node, {:heard, node(), Others.said(state), said.at, seen})
    {:noreply, state}
  end

  def handle_info({:heard, node, said, at, known}, state) do
    state = Others.heard(state, node, said)
    state = %{state | members: Members.answered(state.members, node, at, known)}
    if known < state.version, do: State.say(state, node, State.all(state))
    {:noreply, state |> Own.settled() |> Attempts.evaluate_all()}
  end

  def handle_info({:change, node, incarnation, version, change, at}, state) do
    case state.members.peers[node] do
      %{incarnation: ^incarnation, seen: seen} when seen == version - 1 ->
        state = put_in(state.members.peers[node].seen, version)
        state = take(change, node, %{state | top: max(state.top, fence(change))})
        State.say(state, node, {:known, node(), state.top, at, version, vote(change, state)})
        {:noreply, Own.freed(state)}

      # Its beat tells what is missing.
      _ ->
        {:noreply, state}
    end
  end

  def handle_info({:all, node, incarnation, version, claims, at}, state) do
    case state.members.peers[node] do
      %{incarnation: ^incarnation} ->
        Claims.drop_all(node, MapSet.new(claims, & &1.name))
        state = put_in(state.members.peers[node].seen, version)
        top = Enum.max([state.top | Enum.map(claims, & &1.fence)])
        state = Enum.reduce(claims, %{state | top: top}, &take({:put, &1}, node, &2))
        votes = for claim <- claims, vote = vote({:put, claim}, state), do: vote
        State.say(state, node, {:known, node(), state.top, at, version, votes})
        {:noreply, Own.freed(state)}

      _ ->
        {:noreply, state}
    end
  end

  def handle_info({:known, node, top, at, version, votes}, state) do
    if is_map_key(state.members.peers, node) do
      members = Members.answered(state.members, node, at, version)
      state = %{state | members: members, top: max(state.top, top)}
      state = votes |> List.wrap() |> Enum.reduce(state, &Attempts.voted(&1, node, &2))
      {:noreply, Own.settled(state)}
    else
      {:noreply, state}
    end
  end

  def handle_info({:lost, name, fence, winner}, state) do
    case state.mine[name] do
      %{status: :held, fence: ^fence} -> {:noreply, Own.lose(state, name, {:taken, winner})}
      _ -> {:noreply, state}
    end
  end

  def handle_info({:won, name, fence}, state), do: {:noreply, Own.rise(state, name, fence)}

  def handle_info({:leaving, node, stamp}, state) do
    if is_map_key(state.members.peers, node) do
      Claims.drop_all(node)
      members = Members.left(state.members, node, stamp)
      {:noreply, Own.freed(Attempts.evaluate_all(%{state | members: members}))}
    else
      {:noreply, state}
    end
  end

  def handle_info({:gone, name, watcher}, state) do
    case {state.mine[name], state.keepers[name]} do
      {%{status: :done}, _} -> {:noreply, state}
      {_, {_, ^watcher}} -> {:noreply, Own.drop(state, name)}
      _ -> {:noreply, state}
    end
  end

  def handle_info({:again, attempt}, state), do: {:noreply, Attempts.attempt(attempt, state)}
  def handle_info({:late, ref}, state), do: {:noreply, Attempts.late(ref, state)}

  def handle_info(:tick, state) do
    Process.send_after(self(), :tick, div(state.members.lease, 20))

    state = state |> Own.lose_lost() |> Own.settled() |> Others.beat_in_time()
    state = state |> Attempts.evaluate_all() |> Others.away() |> Own.freed()
    {:noreply, %{state | members: Members.noted(state.members)}}
  end

  def handle_info(:purge, state) do
    Process.send_after(self(), :purge, @purge)
    Claims.purge(System.os_time(:microsecond))
    state = %{state | members: Members.forget(state.members, State.next_fence(state))}

    {:noreply,
     Enum.reduce(Map.keys(state.members.peers) -- Node.list(), state, &Others.part(&2, &1))}
  end

  def handle_info(_message, state), do: {:noreply, state}

  # ---- what other nodes have ------------------------------------------------------------------

  defp fence({:put, claim}), do: claim.fence
  defp fence(_), do: 0

  defp vote({:put, %{status: :asked, ref: ref} = claim}, state),
    do: {ref, Claims.vote(claim, state.members)}

  defp vote(_change, _state), do: nil

  # A claim that is only asked for is voted on.
  defp take({:put, %{status: :asked}}, _node, state), do: state
  defp take({:drop, name}, node, state), do: Claims.drop(name, node) && state

  # It ends, and stays where it is until then.
  defp take({:put, %{status: :lost} = claim}, _node, state) do
    Claims.hold(claim, state.members)
    state
  end

  defp take({:put, claim}, _node, state) do
    claim |> Claims.hold(state.members) |> Enum.reduce(state, &Own.resolve(&2, claim, &1))
  end
end
