defmodule Rebeam.Log.Intensity do
  @moduledoc false
  # How near supervisors are to their restart intensity: how often they restarted children lately, by
  # what they report, as OTP does not tell. (How often one child was: Rebeam.Child.Restarts.) The
  # table is of the node that has the log; each supervisor writes its own row.

  # The latest of each; more than that is no longer counted. Rows: then all are forgotten.
  @most 1_000
  @rows 10_000

  @doc "Before the first report."
  @spec install :: :ok
  def install do
    if :ets.whereis(__MODULE__) == :undefined,
      do: :ets.new(__MODULE__, [:named_table, :public, :set])

    :ok
  end

  @typedoc "When an event of the log was, in microseconds: what units log comes late."
  @type time :: integer

  @doc "The calling supervisor reports the end of a child, which it starts again."
  @spec note(time) :: true
  def note(time) do
    if :ets.info(__MODULE__, :size) > @rows, do: :ets.delete_all_objects(__MODULE__)
    times = Enum.take([time | times(self())], @most)
    :ets.insert(__MODULE__, {self(), times})
  end

  @doc "How often that was so in the `seconds` before that time; 0 where nobody counts."
  @spec count(pid, pos_integer, time) :: non_neg_integer
  def count(supervisor, seconds, time) do
    first = time - seconds * 1_000_000
    supervisor |> times() |> Enum.count(&(&1 >= first and &1 < time))
  end

  defp times(supervisor) do
    case :ets.whereis(__MODULE__) != :undefined and :ets.lookup(__MODULE__, supervisor) do
      [{_, times}] -> times
      _ -> []
    end
  end
end
