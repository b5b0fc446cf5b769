defmodule Rebeam.MovesTest do
  # move(): an actor goes on, on another node.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program, Running}

  @moduletag :slow

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

    test "a state machine takes its state, timeouts and postponed events along (#{isolation})" do
      assert lines("machine", unquote(isolation)) == @machine
    end
  end

  @tag skip: InterpreterProgram.lacks_units()
  test "the same in interpreter units" do
    for python <- InterpreterProgram.pythons() do
      options = [options: ["--python", python.executable]]
      assert lines("moving", "interpreter", options) == @lines
      assert lines("machine", "interpreter", options) == @machine
    end
  end

  for {isolation, lacks} <- [
        {"shared", nil},
        {"process", nil},
        {"interpreter", InterpreterProgram.lacks_units()}
      ] do
    @tag skip: lacks
    test "100 times under calls, of which none is lost, in order (#{isolation})" do
      ours =
        if unquote(isolation) == "interpreter",
          do: ["--python", hd(InterpreterProgram.pythons()).executable],
          else: []

      result =
        Program.run("moves/moves_test/load.py",
          args: [unquote(isolation), "100", "2"],
          options: ours,
          limit: 280
        )

      assert %{status: 0, out: "done 100\n"} = result
      assert result.err =~ ~r"^\d+ calls/s, longest pause [\d.]+ ms, move [\d.]+ ms median"
    end
  end

  test "a node is emptied, and its actors outlive it" do
    program = Running.start("moves/moves_test/draining.py", until: ~r/^drain \d+/)
    "drain " <> pid = program.first

    assert %{status: 1} = result = Program.run({:words, ["drain", pid]}, own: true)
    moved = Regex.scan(~r/^(\d+) actors? moved to n\d@127.0.0.1$/m, result.out)
    assert Enum.sum(for [_, count] <- moved, do: String.to_integer(count)) == 4

    assert Regex.replace(~r/<[\d.]+>/, result.err, "PID") |> String.split("\n", trim: true) == [
             "rebeam: function stays: it is a function, whose code runs where it began",
             "rebeam: held stays: cannot move PID: self.lock cannot be packed: " <>
               "cannot pickle '_thread.lock' object"
           ]

    assert Running.ask(program, "") ==
             "[1, 2, 3] RuntimeError: this node is being emptied: nothing new starts here"

    assert Running.ask(program, "") == "[1, 2, 3] True 2"
    assert Running.ask(program, "") == "down 3 ['start', 'start']"
  end
end
