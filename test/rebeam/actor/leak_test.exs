defmodule Rebeam.Actor.LeakTest do
  # What is over leaves nothing: memory, handles, actors, threads.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag timeout: 400_000
  @tag :resident
  @tag :large
  test "200,000 calls leave memory flat", do: calls(200_000)

  @tag :large
  @tag timeout: 1_200_000
  test "1,000,000 calls leave memory flat", do: calls(1_000_000)

  defp calls(number) do
    result = Program.run(Program.path("calls.py"), args: ["#{number}"], limit: 1_000)
    assert %{status: 0, err: ""} = result

    assert ["sum " <> sum, "grown " <> grown, "threads constant", "baseline"] =
             String.split(result.out, "\n", trim: true)

    # Each answer is its message doubled.
    assert String.to_integer(sum) == number * (number - 1)
    # KiB, after a warm-up.
    assert String.to_integer(grown) < 8_192
  end

  @tag :slow
  test "crashes, restarts, timeouts and refused values leave nothing behind" do
    result = Program.run("actor/leak/crashes_restarts.py", options: ~w(--log-level none))
    assert %{status: 0, out: "flat\nbaseline\n"} = result
  end
end
