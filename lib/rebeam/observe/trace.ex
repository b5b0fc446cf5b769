defmodule Rebeam.Observe.Trace do
  @moduledoc false
  # What an actor handles, asks for and answers, from now on (c_src/actor/tracing.h). A process of the
  # actor's node is the tracer: it hands on what it hears, and ends with whom it is for.

  alias Rebeam.{Deadline, Native, Nodes, Packed}
  alias Rebeam.Units.StandIn

  @typedoc """
  One thing, `at` so many seconds after the trace began. `what` is

    * `:call`, `:cast`, `:info`, `:start` and the like: it begins with that; `subject`, `message`, and
      `other`, who sent it, if that is known
    * `:ask`: it calls `other`, or, with `other` nil, waits for what `subject` names
    * `:got`: what came of that; `status`, `message`
    * `:reply`: its answer; `status`, `message`, and `took`, since the beginning
    * `:raised`, `:done`: it is through with the message; `took`

  A message is a `Rebeam.Packed`, nil, or `{:large, bytes}`.
  """
  @type event :: %{
          at: float,
          what: atom,
          subject: String.t() | nil,
          message: Packed.t() | {:large, non_neg_integer} | nil,
          other: term,
          status: atom | nil,
          took: float | nil
        }

  @doc "What happens with the next `messages` of the actor, or in so many milliseconds; nil: no actor."
  @spec collect(pid, pos_integer, timeout) :: [event] | nil
  def collect(pid, messages, timeout) do
    Task.await(Task.async(fn -> collect_here(pid, messages, timeout) end), :infinity)
  end

  defp collect_here(pid, messages, timeout) do
    with reference when reference != nil <- start(pid, messages, self()),
         do: receive_all(reference, Deadline.of(timeout))
  end

  defp receive_all(reference, deadline) do
    receive do
      {:rebeam_trace, ^reference, :over} -> []
      {:rebeam_trace, ^reference, event} -> [event | receive_all(reference, deadline)]
    after
      Deadline.left(deadline) -> []
    end
  end

  @doc """
  Has `receiver` told of each as `{:rebeam_trace, reference, event}`, and `:over` after the last
  message, or once the actor has ended. Until the receiver ends. nil: that process is no actor.
  """
  @spec start(pid, pos_integer, pid) :: reference | nil
  def start(pid, messages, receiver) do
    actor = StandIn.actor(pid)
    Nodes.on_node_of(actor, __MODULE__, :start_here, [actor, messages, receiver])
  end

  @doc false
  def start_here(pid, messages, receiver) do
    reference = make_ref()
    begun = make_ref()
    asker = self()

    spawn(fn ->
      told = Native.tracing_start(pid, messages)
      send(asker, {begun, told})
      if told == :ok, do: trace(pid, receiver, reference)
    end)

    receive do
      {^begun, :ok} -> reference
      {^begun, nil} -> nil
    end
  end

  defp trace(pid, receiver, reference) do
    watched = %{Process.monitor(pid) => :actor, Process.monitor(receiver) => :receiver}
    tell = &send(receiver, {:rebeam_trace, reference, &1})
    relay(%{pid: pid, watched: watched, tell: tell, start: now(), begun: nil})
  end

  # In the words of the native part, until its last one. What was begun before is not told of.
  defp relay(state) do
    receive do
      {:"$rebeam_trace", _, :over} ->
        state.tell.(:over)

      {:"$rebeam_trace", time, event} ->
        state = if begins?(event), do: %{state | begun: time}, else: state
        if state.begun, do: state.tell.(event(event, time, state))
        relay(state)

      {:DOWN, monitor, :process, _, _} ->
        if state.watched[monitor] == :actor,
          do: state.tell.(:over),
          else: Native.tracing_start(state.pid, 0)
    end
  end

  defp begins?({work, _, _, _}), do: work != :asks
  defp begins?(_event), do: false

  defp event(told, time, state) do
    %{
      at: max(time - state.start, 0) / 1.0e9,
      subject: nil,
      message: nil,
      other: nil,
      status: nil,
      took: nil
    }
    |> Map.merge(told(told))
    |> took((time - state.begun) / 1.0e9)
  end

  defp took(%{what: what} = event, seconds) when what in [:reply, :raised, :done],
    do: %{event | took: seconds}

  defp took(event, _seconds), do: event

  defp told({:asks, pid, subject, message}),
    do: %{what: :ask, other: pid, subject: subject, message: message(message)}

  defp told({:asks, {:call, target, subject, message, _, _}}),
    do: %{what: :ask, other: target, subject: subject, message: message(message)}

  defp told({:asks, {:cast, target, subject, message, _}}),
    do: %{what: :ask, other: target, subject: subject, message: message(message)}

  defp told({:asks, {:sleep, milliseconds}}),
    do: %{what: :ask, subject: "sleep #{milliseconds / 1000}"}

  defp told({:asks, {:operation, name, _, _}}), do: %{what: :ask, subject: name}
  defp told({:asks, _python}), do: %{what: :ask, subject: "asyncio"}

  defp told({:gets, status, message}),
    do: %{what: :got, status: status, message: message(message)}

  defp told({:reply, status, message}),
    do: %{what: :reply, status: status, message: message(message)}

  defp told({work, subject, message, sender}),
    do: %{what: work, subject: subject(subject), message: message(message), other: sender}

  defp told(word), do: %{what: word}

  defp subject(""), do: nil
  defp subject(<<0, _::binary>> = text), do: text |> String.split(<<0>>) |> List.last()
  defp subject(text), do: text

  defp message(nil), do: nil
  defp message({:large, _} = large), do: large
  defp message(payload), do: %Packed{payload: payload}

  # As the native part counts: CLOCK_MONOTONIC.
  defp now, do: :os.perf_counter(:nanosecond)
end
