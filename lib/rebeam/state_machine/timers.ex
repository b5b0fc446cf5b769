defmodule Rebeam.StateMachine.Timers do
  @moduledoc false
  # Which timeouts of a state machine are set, until when: gen_statem has them, and says so to nobody;
  # but one that goes on elsewhere takes them along.

  @typedoc """
  As Python says it (python/rebeam/_transition.py): `state_timeout`, `event_timeout` or `timeout`, the
  name of that, and milliseconds; -1 ends it.
  """
  @type timeout_of :: {which :: String.t(), name :: String.t(), integer}
  @type t :: %{{String.t(), String.t()} => deadline :: integer}

  @doc "For gen_statem."
  @spec action(timeout_of) :: tuple
  def action({"state_timeout", _, time}), do: {:state_timeout, time(time), nil}
  def action({"event_timeout", _, time}), do: {:timeout, time(time), nil}
  def action({"timeout", name, time}), do: {{:timeout, name}, time(time), nil}

  defp time(-1), do: :infinity
  defp time(milliseconds), do: milliseconds

  @doc "Those that end with an event: each ends an event timeout, and its own."
  @spec over(t, {kind :: String.t(), String.t(), String.t()}, state_changes? :: boolean) :: t
  def over(timers, _work, _changes?) when timers == %{}, do: timers

  def over(timers, {kind, _, name}, changes?) do
    Map.reject(timers, fn {{which, its}, _} ->
      (which == "event_timeout" and kind != "enter") or (which == kind and its == name) or
        (which == "state_timeout" and changes?)
    end)
  end

  @doc "Those that a handler sets, or ends."
  @spec set(t, [timeout_of]) :: t
  def set(timers, []), do: timers

  def set(timers, timeouts) do
    now = now()

    Enum.reduce(timeouts, timers, fn
      {which, name, -1}, timers -> Map.delete(timers, {which, name})
      {which, name, time}, timers -> Map.put(timers, {which, name}, now + time)
    end)
  end

  @doc "What is left of them."
  @spec left(t) :: [timeout_of]
  def left(timers) do
    now = now()
    for {{which, name}, deadline} <- timers, do: {which, name, max(deadline - now, 0)}
  end

  @doc "The same, elsewhere."
  @spec again([timeout_of]) :: {t, actions :: [tuple]}
  def again(left), do: {set(%{}, left), Enum.map(left, &action/1)}

  defp now, do: System.monotonic_time(:millisecond)
end
