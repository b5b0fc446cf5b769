defmodule Rebeam.MovesTest do
  # move(): an actor goes on, on another node.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @moduletag :slow
  @moduletag timeout: 300_000

  @lines [
    "-- state, names, and back",
    "True True",
    "5 [Item(name='a', count=0)] [1, 2] ['start']",
    "True True",
    "6 7 8",
    "True True",
    "9 10 11 12 13 14 15 16 17",
    "True False",
    "True",
    "True",
    "-- those that it knows, and that know it",
    "['Down', 'Exit', 'alarm', 'start']",
    "down",
    "[('Down', 'ValueError: asked for')]",
    "True ['start']",
    "-- what stays",
    "ValueError: nobody@127.0.0.1 is no node that is connected",
    "LookupError: noproc: no such process",
    "RuntimeError: cannot move PID: it is a supervisor: move its children",
    "self.guard cannot be packed: cannot pickle '_thread.lock' object",
    "(<Status.OK: 'ok'>, 8)",
    "True (<Status.OK: 'ok'>, 9)",
    "-- it is told to end, and nodes are killed",
    "None None",
    "3 shutdown True",
    "3",
    "the node of its supervisor is gone"
  ]

  @machine [
    "locked 1",
    "locked [] True",
    "pushed 2 True",
    "['coin', 'push', 'push']",
    "timed out True",
    "(<Status.OK: 'ok'>, 'locked')"
  ]

  defp lines(program, isolation, options \\ []) do
    options = [args: [isolation], limit: 280] ++ options
    for line <- Program.out!("moves/moves_test/#{program}.py", options),
        do: String.replace(line, ~r/<\d+\.\d+\.\d+>/, "PID")
  end

  for isolation <- ["shared", "process"] do
    test "it goes on as it was, and all that know it still do (#{isolation})" do
      assert lines("moving", unquote(isolation)) == @lines
    end
  end

  @tag skip: InterpreterProgram.lacks_units()
  test "the same in interpreter units" do
    for python <- InterpreterProgram.pythons(),
        do:
          assert(
            lines("moving", "interpreter", options: ["--python", python.executable]) == @lines
          )
  end
end
