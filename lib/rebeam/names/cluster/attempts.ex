defmodule Rebeam.Names.Cluster.Attempts do
  @moduledoc false
  # Asking for a name: this node's vote, the others', and what comes of them.
  #
  #   asked --enough nodes grant it--> won
  #      \--one has granted another claim that is only asked for, too--> withdrawn, and asked again
  #       \--one knows a holder, or there is no majority--> withdrawn, and refused

  alias Rebeam.Names.{Claims, Members}
  alias Rebeam.Names.Cluster.{Own, State}

  # Claims that met each other are made again after up to so many milliseconds, for each time.
  @retry 20

  @doc "Asks, once more or for the first time."
  @spec attempt(map, State.t()) :: State.t()
  def attempt(%{name: name} = attempt, state) do
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
    {ref, fence} = {make_ref(), State.next_fence(state)}

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
        state = State.change(put_in(state.mine[claim.name], claim), {:put, claim})
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

  @doc "What another node says to a claim of this one."
  @spec voted({reference, Claims.vote()}, node, State.t()) :: State.t()
  def voted({ref, vote}, node, state) do
    case state.attempts[ref] do
      nil -> state
      attempt -> count(vote, node, ref, attempt, state)
    end
  end

  defp count(:granted, node, ref, attempt, state) do
    evaluate(
      ref,
      put_in(state.attempts[ref], %{attempt | votes: Enum.uniq([node | attempt.votes])})
    )
  end

  defp count(other, _node, ref, attempt, state), do: refused(other, attempt, withdraw(state, ref))

  defp withdraw(state, ref) do
    {attempt, attempts} = Map.pop(state.attempts, ref)
    Process.cancel_timer(attempt.timer)
    Own.drop(%{state | attempts: attempts}, attempt.name)
  end

  @doc "Who is there may have changed."
  @spec evaluate_all(State.t()) :: State.t()
  def evaluate_all(state), do: Enum.reduce(Map.keys(state.attempts), state, &evaluate/2)

  defp evaluate(ref, state) do
    %{name: name} = attempt = state.attempts[ref]

    cond do
      enough?(attempt, state) ->
        win(ref, attempt, state.mine[name], state)

      hopeless?(attempt, state) ->
        refuse(attempt, Own.no_majority(state.members), withdraw(state, ref))

      true ->
        state
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

  @doc "Its time is over."
  @spec late(reference, State.t()) :: State.t()
  def late(ref, state), do: late(state.attempts[ref], ref, state)

  defp late(nil, _ref, state), do: state

  defp late(%{split: "majority"} = attempt, ref, state) do
    why = if Members.majority?(state.members), do: :timeout, else: Own.no_majority(state.members)
    refuse(attempt, why, withdraw(state, ref))
  end

  defp late(attempt, ref, state), do: refuse(attempt, :timeout, withdraw(state, ref))

  defp win(ref, attempt, claim, state) do
    Process.cancel_timer(attempt.timer)
    state = %{state | attempts: Map.delete(state.attempts, ref)}
    keeper = {attempt.keeper, watch(claim.name, attempt.keeper || attempt.pid)}
    state = put_in(state.keepers[claim.name], keeper)
    state |> Own.tell(%{claim | status: :held, ref: nil}) |> Own.settle(attempt.from, :ok)
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
end
