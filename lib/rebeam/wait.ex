defmodule Rebeam.Wait do
  @moduledoc false
  # What an actor's suspended code waits for, and how it gets its answer.
  #
  #   begin(op) --answered at once--> nil
  #       \------> %Wait{} --reply, DOWN or timer--> nil
  #
  # The owner of the native actor (an actor, the script's process, a client) keeps
  # the wait and hands every message it does not know to `handle/2`. Tags carry the
  # wait's sequence number, so a late reply finds no wait and is dropped.

  alias Rebeam.{Names, Native, Operation, PythonError, Value}

  defstruct [:native, :sequence, :monitor, :timer]

  @type t :: %__MODULE__{}

  @doc "Starts what the code asked for. Nil when it is answered already."
  @spec start(reference, non_neg_integer, tuple) :: t | nil
  def start(native, sequence, {:sent, pid, timeout}) do
    %__MODULE__{
      native: native,
      sequence: sequence,
      monitor: Process.monitor(pid),
      timer: timer(timeout)
    }
  end

  def start(native, sequence, {:call, target, subject, payload, timeout}) do
    case Names.resolve(target) do
      {:ok, pid} when pid == self() -> refuse(native, sequence, "RuntimeError", self_call())
      {:ok, pid} -> call(native, sequence, pid, {:rebeam, subject, payload}, timeout)
      :none -> reply(native, sequence, :down, "noproc")
      {:error, text} -> refuse(native, sequence, "ValueError", text)
    end
  end

  def start(native, sequence, {:cast, target, subject, payload, sender}) do
    with {:ok, pid} <- Names.resolve(target),
         {:ok, sender} <- resolve_sender(sender) do
      GenServer.cast(pid, {:rebeam, subject, payload, sender, nil})
      value(native, sequence, alive?(pid))
    else
      :none -> value(native, sequence, false)
      {:error, text} -> refuse(native, sequence, "ValueError", text)
    end
  end

  def start(native, sequence, {:sleep, milliseconds}) do
    %__MODULE__{native: native, sequence: sequence, timer: timer(milliseconds)}
  end

  def start(native, sequence, {:operation, name, packed, handles}) do
    case Operation.run(name, packed, handles) do
      {:ok, term} -> value(native, sequence, term)
      {:error, type, text} -> refuse(native, sequence, type, text)
    end
  end

  @doc "Nil when the message ended the wait; `:unknown` when it is not the wait's."
  @spec handle(term, t | nil) :: t | nil | :unknown
  def handle({[:"$rebeam" | sequence], {status, payload}}, %__MODULE__{sequence: sequence} = wait) do
    clear(wait)
    resume(wait, :reply, status, payload)
  end

  def handle({[:"$rebeam" | _], _late}, wait), do: wait

  def handle({:DOWN, monitor, :process, _, reason}, %__MODULE__{monitor: monitor} = wait)
      when is_reference(monitor) do
    cancel(wait.timer)
    reply(wait.native, wait.sequence, :down, PythonError.reason_text(reason))
  end

  def handle({:timeout, timer, :"$rebeam"}, %__MODULE__{timer: timer, monitor: nil} = wait) do
    value(wait.native, wait.sequence, nil)
  end

  def handle({:timeout, timer, :"$rebeam"}, %__MODULE__{timer: timer} = wait) do
    Process.demonitor(wait.monitor, [:flush])
    resume(wait, :reply, :timeout, pack(nil))
  end

  def handle({:timeout, _old, :"$rebeam"}, wait), do: wait
  def handle(_message, _wait), do: :unknown

  @doc "Ends the wait with `ActorExit` in the code: its `finally` blocks run."
  @spec abandon(t | nil) :: nil
  def abandon(nil), do: nil

  def abandon(wait) do
    clear(wait)
    refuse(wait.native, wait.sequence, "ActorExit", "this actor is shutting down")
  end

  defp call(native, sequence, pid, message, timeout) do
    wait = start(native, sequence, {:sent, pid, timeout})
    send(pid, {:"$gen_call", {self(), [:"$rebeam" | sequence]}, message})
    wait
  end

  defp resolve_sender(nil), do: {:ok, nil}
  defp resolve_sender(sender), do: Names.resolve(sender)

  defp alive?(pid) when is_pid(pid) and node(pid) == node(), do: Process.alive?(pid)
  defp alive?(_remote), do: true

  defp timer(:infinity), do: nil
  defp timer(milliseconds), do: :erlang.start_timer(milliseconds, self(), :"$rebeam")

  defp clear(wait) do
    cancel(wait.timer)
    if wait.monitor, do: Process.demonitor(wait.monitor, [:flush])
  end

  defp cancel(nil), do: :ok
  defp cancel(timer), do: :erlang.cancel_timer(timer, async: true, info: false)

  defp resume(wait, kind, status, payload) do
    Native.actor_resume(wait.native, wait.sequence, kind, status, payload)
    nil
  end

  defp value(native, sequence, term) do
    Native.actor_resume(native, sequence, :value, nil, pack(term))
    nil
  end

  defp reply(native, sequence, status, term) do
    Native.actor_resume(native, sequence, :reply, status, pack(term))
    nil
  end

  defp refuse(native, sequence, type, text) do
    Native.actor_resume(native, sequence, :raise, nil, pack({type, text}))
    nil
  end

  defp pack(term) do
    {:ok, bytes} = Value.pack(term)
    bytes
  end

  defp self_call, do: "an actor cannot call itself: it would wait for its own answer"
end
