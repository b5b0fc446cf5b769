defmodule Rebeam.Actor.Wait do
  @moduledoc false
  # What an actor's suspended code waits for, and how it gets its answer.
  #
  #   start(operation) --answered at once--> nil
  #       \------> %Wait{} --reply, DOWN or timer--> nil
  #
  # The owner of a native actor (an actor, the script's process, a client) keeps the
  # wait in its state under `:wait`, beside the actor under `:native`, and hands every
  # message it does not know to `handle/2`. An answer carries the number of its wait;
  # the native part drops those that come too late.
  #
  # `:reply_to` is the actor that a reply goes to natively, past this process; nil
  # where the process ends with the wait, and so has to hear of the reply.

  import Rebeam.Message.Payload, only: [is_payload: 1]

  alias Rebeam.{Names, Native, Operation, PythonError}
  alias Rebeam.Message.{Debug, Loans, Mailbox, Post}
  alias Rebeam.Value.Codec

  # `:interrupt`: whom to tell when the time is over, and by which caller.
  defstruct [:sequence, :monitor, :timer, :interrupt]

  @type t :: %__MODULE__{
          sequence: pos_integer,
          monitor: reference | nil,
          timer: reference | nil,
          interrupt: {pid, GenServer.from()} | nil
        }
  @type owner :: %{
          :native => reference,
          :reply_to => reference | nil,
          :wait => t | nil,
          optional(any) => any
        }

  @doc "Starts what the code asked for. Nil when it is answered already."
  @spec start(owner, pos_integer, tuple) :: t | nil
  def start(owner, sequence, operation) do
    # One that was answered natively in the meantime.
    clear(owner.wait)
    begin(owner, sequence, operation)
  end

  # A call that the native part has sent already.
  defp begin(owner, sequence, {:sent, pid, timeout, interrupt?}) do
    from = {self(), [:"$rebeam", sequence | owner.native]}
    watch(sequence, pid, from, timeout, interrupt?)
  end

  defp begin(%{native: native} = owner, sequence, {:call, target, _, _, _, _} = operation) do
    case Names.resolve(target) do
      {:ok, pid} when pid == self() -> refuse(native, sequence, "RuntimeError", self_call())
      {:ok, pid} -> call(owner, sequence, pid, operation)
      :none -> reply(native, sequence, :down, "noproc")
      {:error, text} -> refuse(native, sequence, "ValueError", text)
    end
  end

  defp begin(%{native: native}, sequence, {:cast, target, subject, payload, sender}) do
    with {:ok, pid} <- Names.resolve(target),
         {:ok, sender} <- resolve_sender(sender) do
      value(native, sequence, Mailbox.cast(pid, subject, payload, sender))
    else
      :none -> value(native, sequence, false)
      {:error, text} -> refuse(native, sequence, "ValueError", text)
    end
  end

  defp begin(_owner, sequence, {:sleep, milliseconds}) do
    %__MODULE__{sequence: sequence, timer: timer(milliseconds)}
  end

  defp begin(%{native: native} = owner, sequence, {:operation, name, packed, handles}) do
    case Operation.run(name, packed, handles) do
      {:later, fun} -> later(owner, sequence, name, fun)
      result -> settle(native, sequence, result)
    end
  end

  # This process is the wait's own, and who the operation is done for.
  defp later(%{native: native, reply_to: nil}, sequence, name, fun) do
    settle(native, sequence, Operation.finish(name, fun))
  end

  # Nobody watches over that process: it ends when `fun` does, and `fun` is guarded.
  defp later(%{native: native}, sequence, name, fun) do
    spawn(fn -> settle(native, sequence, Operation.finish(name, fun)) end)
    nil
  end

  defp settle(native, sequence, {:ok, term}), do: value(native, sequence, term)

  defp settle(native, sequence, {:error, type, text}),
    do: refuse(native, sequence, type, text)

  @doc "Nil when the message ended the wait; `:unknown` when it is not the wait's."
  @spec handle(term, owner) :: t | nil | :unknown
  def handle({[:"$rebeam", sequence | _actor], {status, payload}}, %{wait: wait} = owner)
      when status in [:ok, :error, :timeout, :down] and is_payload(payload) do
    {status, payload} = taken(status, payload)
    Native.actor_resume(owner.native, sequence, :reply, status, payload)
    if wait && wait.sequence == sequence, do: clear(wait), else: wait
  end

  # Whoever answered is no actor.
  def handle({[:"$rebeam", sequence | _actor], answer}, %{wait: wait} = owner) do
    text = "not an actor's answer: " <> inspect(answer, limit: 20, printable_limit: 200)
    reply(owner.native, sequence, :error, text)
    if wait && wait.sequence == sequence, do: clear(wait), else: wait
  end

  def handle({:DOWN, monitor, :process, _, reason}, %{wait: %{monitor: monitor} = wait} = owner)
      when is_reference(monitor) do
    Debug.over()
    cancel(wait.timer)
    reply(owner.native, wait.sequence, :down, PythonError.reason_text(reason))
  end

  def handle({:timeout, timer, :"$rebeam"}, %{wait: %{timer: timer, monitor: nil} = wait} = owner) do
    value(owner.native, wait.sequence, nil)
  end

  def handle({:timeout, timer, :"$rebeam"}, %{wait: %{timer: timer} = wait} = owner) do
    Debug.timed_out()
    with {pid, from} <- wait.interrupt, do: Post.interrupt(pid, from)
    Process.demonitor(wait.monitor, [:flush])
    reply(owner.native, wait.sequence, :timeout, nil)
  end

  def handle({:timeout, _old, :"$rebeam"}, owner), do: owner.wait
  def handle(_message, _owner), do: :unknown

  defp call(owner, sequence, pid, {:call, _target, subject, payload, timeout, interrupt?}) do
    # What is answered past this process would stand in the account for too long.
    reply_to = unless Debug.waits(pid, subject), do: owner.reply_to
    from = {self(), [:"$rebeam", sequence | reply_to]}
    wait = watch(sequence, pid, from, timeout, interrupt?)
    Post.call(pid, from, subject, payload)
    wait
  end

  defp watch(sequence, pid, from, timeout, interrupt?) do
    %__MODULE__{
      sequence: sequence,
      monitor: Process.monitor(pid),
      timer: timer(timeout),
      interrupt: if(interrupt?, do: {pid, from})
    }
  end

  defp resolve_sender(nil), do: {:ok, nil}
  defp resolve_sender(sender), do: Names.resolve(sender)

  defp timer(:infinity), do: nil
  defp timer(milliseconds), do: :erlang.start_timer(milliseconds, self(), :"$rebeam")

  @doc "Watches no more."
  @spec clear(t | nil) :: nil
  def clear(nil), do: nil

  def clear(wait) do
    Debug.over()
    cancel(wait.timer)
    if wait.monitor, do: Process.demonitor(wait.monitor, [:flush])
    nil
  end

  defp cancel(nil), do: :ok
  defp cancel(timer), do: :erlang.cancel_timer(timer, async: true, info: false)

  defp taken(status, payload) do
    case Loans.take(payload) do
      {:ok, payload} -> {status, payload}
      {:error, text} -> {:error, Codec.pack!(text)}
    end
  end

  defp value(native, sequence, term), do: resume(native, sequence, :value, nil, term)
  defp reply(native, sequence, status, term), do: resume(native, sequence, :reply, status, term)

  defp refuse(native, sequence, type, text) do
    resume(native, sequence, :raise, nil, {type, text})
  end

  defp resume(native, sequence, kind, status, term) do
    {:ok, payload} = Codec.payload(term)
    Native.actor_resume(native, sequence, kind, status, payload)
    nil
  end

  defp self_call, do: "an actor cannot call itself: it would wait for its own answer"
end
