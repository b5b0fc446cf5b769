defmodule Rebeam.Waiting do
  @moduledoc false
  # Waiting for what others bring about, as long as a busy machine may take for it: in tests, and
  # in the Elixir code that `Rebeam.Program.elixir/2` runs. For Python: test/programs/waiting.py.

  @doc "What `condition` returns, once that is true."
  @spec wait_until((... -> result), non_neg_integer) :: result when result: term
  def wait_until(condition, seconds \\ 75) do
    poll(condition, System.monotonic_time(:millisecond) + seconds * 1000)
  end

  @doc "The process that has the name, once it is another than `old`."
  @spec replaced(String.t(), pid | nil) :: pid
  def replaced(name, old) do
    wait_until(fn -> with ^old <- Rebeam.whereis(name), do: nil end)
  end

  defp poll(condition, deadline) do
    cond do
      result = condition.() -> result
      System.monotonic_time(:millisecond) >= deadline -> raise "it did not come to that"
      true -> Process.sleep(5) && poll(condition, deadline)
    end
  end
end
