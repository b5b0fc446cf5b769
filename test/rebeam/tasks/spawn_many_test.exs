defmodule Rebeam.Tasks.SpawnManyTest do
  # Many functions as processes, at once.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @lines [
    "TypeError: a process runs a function, not 7: give the function itself and its arguments behind it, (f, 1), not (f(1))",
    "TypeError: Sum is an actor: start it with run_register_process",
    "ZeroDivisionError: integer division or modulo by zero",
    "TypeError: 'int' object is not iterable",
    # By a function, by a thread, by an actor and by one with a thread of its own.
    "4503750 3100 3100 3100",
    "True []",
    "4503750 3100 3100 3100",
    "True []",
    "baseline",
    "4503750 3100 3100 3100",
    "True []",
    "4503750 3100 3100 3100",
    "True []",
    "[<Status.OK: 'ok'>, <Status.OK: 'ok'>]"
  ]

  defp lines(options) do
    options = options ++ ["--log-level", "none"]
    {options, Program.out!("tasks/spawn_many/everywhere.py", options: options)}
  end

  @tag :slow
  test "from a function, a thread, an actor" do
    assert {_, @lines} = lines([])
  end

  @tag :slow
  test "the same in units" do
    assert {_, @lines} = lines(~w(--isolation process --workers 2))

    for python <- Enum.take(InterpreterProgram.pythons(), -1),
        do:
          assert(
            {_, @lines} = lines(["--python", python.executable, "--isolation", "interpreter"])
          )
  end
end
