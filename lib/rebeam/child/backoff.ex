defmodule Rebeam.Child.Backoff do
  @moduledoc false
  # Delays between restarts. The new process is there at once and waits by itself before it
  # makes its actor, so that its supervisor is free.
  #
  # The state is in the child's specification, and so outlives the child:
  #   1  restarts in the row
  #   2  when the last start was due, in milliseconds
  #   3  0 if the next start is none after a failure, else 1
  alias Rebeam.Child.Lineage
  alias Rebeam.Deadline

  @type t :: {pos_integer, pos_integer, :atomics.atomics_ref()} | nil

  # More doublings than any delay takes.
  @doublings 40

  @doc "From what Python gives: the first and the longest delay in milliseconds."
  @spec new([pos_integer] | nil) :: t
  def new(nil), do: nil
  def new([first, longest]), do: {first, longest, :atomics.new(3, signed: true)}

  @doc "A start: how many milliseconds to wait before it."
  @spec delay(t) :: non_neg_integer
  def delay(nil), do: 0

  def delay({_, _, state} = backoff) do
    now = System.monotonic_time(:millisecond)

    delay =
      if :atomics.exchange(state, 3, 1) == 0, do: first_start(state), else: again(backoff, now)

    :atomics.put(state, 2, now + delay)
    delay
  end

  defp first_start(state) do
    :atomics.put(state, 1, 0)
    0
  end

  defp again({first, longest, state}, now) do
    ran = now - :atomics.get(state, 2)
    row = if ran > longest, do: 0, else: :atomics.get(state, 1)
    :atomics.put(state, 1, row + 1)
    min(Bitwise.bsl(first, min(row, @doublings)), longest)
  end

  @doc "The child ended. If its supervisor wanted that, the next start does not wait."
  @spec ended(t, term) :: :ok
  def ended({_, _, state}, :shutdown), do: :atomics.put(state, 3, 0)
  def ended(_backoff, _reason), do: :ok

  @doc "Waits for the delay to be over. Exits at once when the process is told to."
  @spec wait(t, non_neg_integer) :: :ok
  def wait(_backoff, 0), do: :ok

  def wait(backoff, delay) do
    Lineage.note(:backing_off)
    traps? = Process.flag(:trap_exit, true)
    rest(backoff, Deadline.of(delay))
    Process.flag(:trap_exit, traps?)
    # One that came before the flag was down.
    rest(backoff, Deadline.of(0))
    Lineage.note(nil)
  end

  defp rest(backoff, deadline) do
    receive do
      {:EXIT, _, :normal} ->
        rest(backoff, deadline)

      {:EXIT, _, reason} ->
        ended(backoff, reason)
        exit(reason)
    after
      Deadline.left(deadline) -> :ok
    end
  end
end
