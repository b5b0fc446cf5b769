defmodule Rebeam.StateMachine.Step do
  @moduledoc false
  # One event of a state machine: Python is asked what it means, and its answer becomes
  # what gen_statem understands.
  #
  # Python's answers are in python/rebeam/_statem.py; the work goes to the native actor as a
  # call whose subject says which it is, in which state, and which subject or timeout.

  alias Rebeam.{Log, Native}
  alias Rebeam.Actor.{Life, Owner}
  alias Rebeam.Message.{Payload, Post}
  alias Rebeam.StateMachine.Timers
  alias Rebeam.Value.Codec

  # As Python says it: keep the state, answer nobody.
  @nothing {"keep", nil, nil, false, []}

  # With more messages than this in the mailbox the answer is waited for by its reference
  # alone, which does not look through them, for so many milliseconds at a time.
  @backlog 10_000
  @glance 2

  @type work :: {kind :: String.t(), state :: String.t(), subject :: String.t()}
  @type event :: %{
          optional(:payload) => binary,
          optional(:from) => GenServer.from(),
          optional(:sender) => pid,
          optional(:status) => atom
        }

  @doc "What an event comes to, for gen_statem."
  @spec take(struct, work, event) :: :gen_statem.event_handler_result(String.t())
  def take(data, work, event) do
    case run(data, work, event) do
      {:ok, step, data} ->
        result(step, work, event, data)

      {:refused, payload, data} ->
        result({"keep", nil, {"error", payload}, false, []}, work, event, data)

      {:stop, reason, data} ->
        {:stop, reason, data}
    end
  end

  defp result({verb, next, reply, postpone?, timeouts}, {_, state, _} = work, event, data) do
    changes? = verb == "next" and next != state
    timers = data.timers |> Timers.over(work, changes?) |> Timers.set(timeouts)
    data = %{data | callers: callers(data.callers, event[:from], postpone?), timers: timers}
    answer(reply, work, event)
    actions = Enum.map(timeouts, &Timers.action/1)
    actions = if postpone?, do: [:postpone | actions], else: actions
    actions = if Payload.passed?(), do: [:hibernate | actions], else: actions

    case verb do
      "next" -> {:next_state, next, data, actions}
      "keep" -> {:keep_state, data, actions}
      "repeat" -> {:repeat_state, data, actions}
    end
  end

  # Who still waits for an answer, so that they hear of the end.
  defp callers(callers, nil, _postpone?), do: callers
  defp callers(callers, from, true), do: Map.put(callers, from, true)
  defp callers(callers, from, false), do: Map.delete(callers, from)

  defp answer(nil, _work, _event), do: :ok

  defp answer({status, packed}, {_, _, subject} = work, event) do
    status = if status == "ok", do: :ok, else: :error
    payload = binary(packed)

    case event do
      %{from: from} ->
        Post.reply(from, status, payload)

      %{sender: sender, status: nil} when sender != nil ->
        Post.cast(sender, subject, payload, self(), status)

      _nobody ->
        Log.unheard(self(), work, payload)
    end
  end

  defp binary(%Rebeam.Packed{payload: payload}), do: payload
  defp binary(data), do: data

  # ---- asking Python -----------------------------------------------------------------

  @doc "Asks Python, and serves what its code waits for until it answers."
  @spec run(struct, work, event) ::
          {:ok, term, struct} | {:refused, binary, struct} | {:stop, term, struct}
  def run(data, work, event) do
    with {:ok, payload, data} <- ask(data, work, event) do
      {:ok, step} = Codec.unpack(payload)
      {:ok, step, data}
    end
  end

  @doc "The same, with the answer as it is."
  @spec ask(struct, work, event) ::
          {:ok, Codec.payload(), struct} | {:refused, binary, struct} | {:stop, term, struct}
  def ask(data, {kind, state, subject}, event) do
    packed = event[:payload] || nothing()
    Payload.passed(packed)
    {source, tag} = source(event, subject)
    subject = <<0, kind::binary, 0, state::binary, 0, subject::binary>>
    # From here to the receive the compiler has to see where the reference goes: so it knows
    # that the answer is behind all that is in the mailbox now.
    ref = make_ref()
    from = {source, [ref | tag]}
    :ok = Native.actor_work(data.owner.native, :call, subject, packed, from, event[:status])
    outcome(glance(data.owner, ref, if(backlog?(), do: @glance, else: 0)), event, data)
  end

  # Whose id the handler gets as `source`, and how it is answered if this process ends meanwhile.
  # The answer comes here in any case.
  defp source(%{from: from}, _subject), do: from

  defp source(%{sender: sender, status: status}, subject) when is_pid(sender),
    do: {sender, if(status == nil, do: subject)}

  defp source(_event, _subject), do: {self(), nil}

  defp nothing do
    {:ok, packed} = Codec.pack(nil)
    packed
  end

  defp backlog? do
    {:message_queue_len, length} = Process.info(self(), :message_queue_len)
    length > @backlog
  end

  defp glance(owner, ref, time) do
    receive do
      {:"$rebeam", :reply, {_, [^ref | _]}, _, _, _} = reply ->
        {:event, ^ref, _from, answer} = Owner.read(reply, owner)
        {:ok, answer, owner}
    after
      time -> Owner.await(owner, ref)
    end
  end

  defp outcome({:ok, {:ok, payload}, owner}, _event, data) do
    Payload.passed(payload)
    {:ok, payload, %{data | owner: owner}}
  end

  # The message could not be rebuilt in Python: the payload says why.
  defp outcome({:ok, {:error, payload}, owner}, _event, data),
    do: {:refused, payload, %{data | owner: owner}}

  defp outcome({:withdrawn, owner}, _event, data),
    do: {:ok, Codec.pack!(@nothing), %{data | owner: owner}}

  defp outcome({:failed, failure, owner}, event, data) do
    callers = callers(data.callers, event[:from], true)
    {:stop, Life.reason(failure, data.label), %{data | owner: owner, callers: callers}}
  end

  @doc """
  Who is behind the `from` that a handler got, nil if nobody waits; others are given back. Of a cast
  it is the sender and the subject.
  """
  @spec caller(GenServer.from()) :: GenServer.from() | {pid, String.t()} | nil
  def caller({_pid, [ref | nil]}) when is_reference(ref), do: nil
  def caller({pid, [ref | tag]}) when is_reference(ref), do: {pid, tag}
  def caller(from), do: from

  @doc "The answer to an event that came to its end while the process ended: who asked gets it."
  @spec late({pid, nonempty_improper_list(reference, term)}, :ok | :error, binary) :: :ok
  def late({_pid, [_ref | cast]}, _, _) when is_nil(cast) or is_binary(cast), do: :ok

  def late({pid, [_ref | tag]}, :ok, payload) do
    case Codec.unpack(payload) do
      {:ok, {_, _, {_, _} = reply, _, _}} -> answer(reply, {"call", "", ""}, %{from: {pid, tag}})
      _postponed -> :ok
    end
  end

  def late({pid, [_ref | tag]}, :error, payload),
    do: Post.reply({pid, tag}, :error, payload)
end
