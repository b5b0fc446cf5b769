defmodule Rebeam.Actor.Idle do
  @moduledoc false
  # Times without work: after some an actor's @idle runs, after some it hibernates.
  #
  #   counting --timer--> work since? --yes--> counting the rest
  #      ^                     \--no--> rested, once
  #      \------- a message ------------------/
  #
  # The timers are lazy: no message sets or cancels one. The native part knows since when
  # nothing runs, and says so when a message comes to an actor that has rested.

  alias Rebeam.Native

  defstruct [:idle, :hibernate, rested: []]

  @type alarm :: :idle | :hibernate
  @type t :: %__MODULE__{
          idle: pos_integer | nil,
          hibernate: pos_integer | nil,
          rested: [alarm]
        }

  @doc "Starts to count, for those times in milliseconds that are not nil."
  @spec new(pos_integer | nil, pos_integer | nil) :: t
  def new(idle, hibernate) do
    times = %__MODULE__{idle: idle, hibernate: hibernate}

    for alarm <- [:idle, :hibernate],
        milliseconds = Map.get(times, alarm),
        do: arm(alarm, milliseconds)

    times
  end

  @doc "A message came after a rest: what was due counts anew."
  @spec wake(t) :: t
  def wake(times) do
    Enum.each(times.rested, &arm(&1, Map.fetch!(times, &1)))
    %{times | rested: []}
  end

  @doc "The timer of an alarm ran out. True if nothing happened for all that time."
  @spec due?(t, alarm, reference) :: {boolean, t}
  def due?(times, alarm, native) do
    case Native.actor_idle(native, Map.fetch!(times, alarm)) do
      0 ->
        {true, %{times | rested: [alarm | times.rested]}}

      left ->
        arm(alarm, left)
        {false, times}
    end
  end

  @doc "The actor's own @idle makes it work once more before it hibernates."
  @spec stir(t) :: t
  def stir(times) do
    if :hibernate in times.rested, do: arm(:hibernate, times.hibernate)
    %{times | rested: List.delete(times.rested, :hibernate)}
  end

  defp arm(alarm, milliseconds) do
    :erlang.start_timer(milliseconds, self(), {__MODULE__, alarm})
  end
end
