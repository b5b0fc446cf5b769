defmodule Rebeam.Tasks.StreamTest do
  # Streams of tasks: lazy, bounded, and nothing left running.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "a stream: ordered and not, failures, timeouts, and the result that is none" do
    assert Program.out!("tasks/stream/stream_as_in_elixir.py") == [
             "('ok', 0)",
             "('ok', 1)",
             "('ok', 4)",
             "('ok', 9)",
             "('down', 'ValueError: 4')",
             "('timeout', None)",
             "('ok', 36)",
             "('down', \"TypeError: result: cannot pickle '_thread.lock' object\")",
             "('ok', 64)",
             "True True",
             "True",
             "[4, 1, 0]",
             "[] True"
           ]
  end

  @tag :slow
  test "a stream takes only as many items as may run, from endless ones too" do
    once = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9] True 4"

    assert Program.lines!("tasks/stream/stream_takes_only_as_many_items_as_may_run.py") == [
             once,
             once,
             "baseline",
             once,
             once,
             "baseline"
           ]
  end

  @tag :slow
  test "a stream that is left, closed, or fed by what raises ends what runs" do
    assert [leave, close, raising, leave_again, close_again, raising_again, "True baseline"] =
             Program.lines!("tasks/stream/stream_that_is_left_closed.py")

    for {first, again} <- [{leave, leave_again}, {close, close_again}, {raising, raising_again}] do
      assert sort_numbers(first) == sort_numbers(again)
    end

    assert sort_numbers(leave) == "leave None [60, 61]"
    assert sort_numbers(close) == "close [] [60, 61, 'closed']"
    assert raising == "raising 'items' [60] [60]"
  end

  defp sort_numbers(line), do: String.replace(line, "61, 60", "60, 61")

  @tag :slow
  test "a linked stream takes its caller down; one that traps goes on" do
    pairs = "[('ok', 0), ('ok', 1), ('down', 'ValueError: 2'), ('ok', 3)]"

    assert Program.out!("tasks/stream/linked_stream_takes_its_caller_down.py") |> Enum.sort() ==
             [pairs, "#{pairs} 4", "down ValueError: 2", "down ValueError: 2"] ++
               List.duplicate("stop ValueError: 2", 30)
  end
end
