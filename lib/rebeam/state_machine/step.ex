defmodule Rebeam.StateMachine.Step do
  @moduledoc false
  # One event of a state machine: Python is asked what it means, and its answer becomes
  # what gen_statem understands.
  #
  # Python's answers are in python/rebeam/_statem.py; the work goes to the native actor as a
  # call whose subject says which it is, in which state, and which subject or timeout.

  alias Rebeam.{Actor, Log, Native, Value, Wait}

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

  defp result({verb, next, reply, postpone?, timeouts}, work, event, data) do
    data = %{data | callers: callers(data.callers, event[:from], postpone?)}
    actions = answer(reply, work, event) ++ Enum.map(timeouts, &timeout/1)
    actions = if postpone?, do: [:postpone | actions], else: actions

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

  defp answer(nil, _work, _event), do: []

  defp answer({status, packed}, {_, _, subject} = work, event) do
    status = if status == "ok", do: :ok, else: :error
    payload = binary(packed)

    case event do
      %{from: from} ->
        [{:reply, from, {status, payload}}]

      %{sender: sender} when sender != nil ->
        Actor.answer(sender, status, payload, subject)
        []

      _nobody ->
        Log.unheard(self(), work, payload)
        []
    end
  end

  defp binary(%Rebeam.Bytes{data: data}), do: data
  defp binary(data), do: data

  defp timeout({"state_timeout", _, time}), do: {:state_timeout, time(time), nil}
  defp timeout({"event_timeout", _, time}), do: {:timeout, time(time), nil}
  defp timeout({"timeout", name, time}), do: {{:timeout, name}, time(time), nil}

  defp time(-1), do: :infinity
  defp time(milliseconds), do: milliseconds

  # ---- asking Python -----------------------------------------------------------------

  @doc "Asks Python, and lets its code wait for what it waits for until it answers."
  @spec run(struct, work, event | nil) ::
          {:ok, term, struct} | {:refused, binary, struct} | {:stop, term, struct}
  def run(data, {kind, state, subject} = work, event) do
    event = event || %{}
    packed = event[:payload] || nothing()
    subject = <<0, kind::binary, 0, state::binary, 0, subject::binary>>
    # From here to the receive the compiler has to see where the reference goes: so it knows
    # that the answer is behind all that is in the mailbox now.
    ref = make_ref()
    source = {source(event), ref}
    Native.actor_work(data.native, :call, subject, packed, source, event[:status])
    glance(%{data | running: {ref, work, event}}, ref, if(backlog?(), do: @glance, else: 0))
  end

  # Whose id the handler gets as `source`. The answer comes here in any case.
  defp source(%{from: {pid, _tag}}), do: pid
  defp source(%{sender: sender}) when is_pid(sender), do: sender
  defp source(_event), do: self()

  defp nothing do
    {:ok, packed} = Value.pack(nil)
    packed
  end

  defp backlog? do
    {:message_queue_len, length} = Process.info(self(), :message_queue_len)
    length > @backlog
  end

  defp glance(data, ref, time) do
    receive do
      {:"$rebeam", :reply, {_, ^ref}, status, payload, _} -> finish(data, status, payload)
    after
      time -> await(data, ref)
    end
  end

  defp await(data, ref) do
    wait = data.wait
    parent = data.parent

    receive do
      {:"$rebeam", :reply, {_, ^ref}, status, payload, _} ->
        finish(data, status, payload)

      {:"$rebeam", :raised, _, _, _, traceback, _, _} = raised ->
        stop(%{data | failure: traceback}, Actor.failure(raised, data))

      {:"$rebeam", :suspend, sequence, operation} ->
        suspended(%{data | wait: Wait.start(data, sequence, operation)}, ref)

      {[:"$rebeam" | _], _} = message ->
        await(%{data | wait: Wait.handle(message, data)}, ref)

      {:timeout, _, :"$rebeam"} = message ->
        await(%{data | wait: Wait.handle(message, data)}, ref)

      {:DOWN, monitor, :process, _, _} = down when monitor == wait.monitor ->
        await(%{data | wait: Wait.handle(down, data)}, ref)

      # The code gets ActorExit where it waits: see close/2.
      {:EXIT, pid, reason} when pid == parent or reason != :normal ->
        stop(data, reason)
    end
  end

  # Answered already: it goes on. Else it will be long, as processes count.
  defp suspended(%{wait: nil} = data, ref) do
    if backlog?(), do: glance(data, ref, @glance), else: await(data, ref)
  end

  defp suspended(data, ref) do
    :erlang.garbage_collect()
    await(data, ref)
  end

  defp finish(data, :ok, payload) do
    case Value.unpack(payload) do
      {:ok, step} -> {:ok, step, %{data | running: nil}}
    end
  end

  # The message could not be rebuilt in Python: the payload says why.
  defp finish(data, :error, payload), do: {:refused, payload, %{data | running: nil}}

  defp stop(data, reason) do
    {_ref, _work, event} = data.running
    {:stop, reason, %{data | callers: callers(data.callers, event[:from], event[:from] != nil)}}
  end

  # ---- the end -------------------------------------------------------------------------

  @doc "Ends what still runs: its code gets ActorExit, and goes on to its end."
  @spec close(struct, String.t()) :: struct
  def close(data, text) do
    case Native.actor_close(data.native, text) do
      :closed -> data
      :closing -> closing(data)
    end
  end

  defp closing(data) do
    wait = data.wait

    receive do
      {:"$rebeam", :closed} ->
        data

      # It came to its end all the same: who asked is answered.
      {:"$rebeam", :reply, _, status, payload, _} ->
        closing(late(data, finish(data, status, payload)))

      {:"$rebeam", :suspend, sequence, operation} ->
        closing(%{data | wait: Wait.start(data, sequence, operation)})

      {:"$rebeam", :raised, _, "ActorExit", _, _, _, _} ->
        closing(data)

      {:"$rebeam", :raised, _, _, _, _, _, _} = raised ->
        Actor.failure(raised, data)
        closing(data)

      {[:"$rebeam" | _], _} = message ->
        closing(%{data | wait: Wait.handle(message, data)})

      {:timeout, _, :"$rebeam"} = message ->
        closing(%{data | wait: Wait.handle(message, data)})

      {:DOWN, monitor, :process, _, _} = down when monitor == wait.monitor ->
        closing(%{data | wait: Wait.handle(down, data)})
    end
  end

  defp late(%{running: nil} = data, _), do: data

  defp late(%{running: {_, work, event}}, {:ok, {_, _, reply, _, _}, data}) do
    Enum.each(answer(reply, work, event), fn {:reply, from, answer} ->
      GenServer.reply(from, answer)
    end)

    data
  end

  defp late(_data, {:refused, _payload, data}), do: data
end
