defmodule Rebeam.Tasks.TaskTest do
  # Tasks: results once, failures to whom they belong, and nothing left behind.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "results, in actors, functions, the script's body and threads" do
    assert Program.lines!("tasks/task/results_in_actors_functions_the_scripts_body.py") ==
             List.duplicate("([5, 4, 3, 2, 1], 3, [0, 2, 4])", 4)
  end

  test "a result waits to be awaited, is taken once, and by its owner alone" do
    again = "RuntimeError the task has been awaited or cancelled already"
    other = "RuntimeError a task is awaited by the process that started it, and no other"
    timeout = "ValueError timeout must be a non-negative number of seconds, not"

    assert Program.lines!("tasks/task/result_waits_to_be_awaited.py") == [
             "(False, 3, '#{again}', None)",
             "#{other} | #{other}",
             "(<Status.OK: 'ok'>, 3)",
             "TypeError await_ takes a Task that async_ made, not 3 TypeError message: " <>
               "cannot pickle 'Task' object: TypeError: a Task belongs to the process that made it; send its pid " <>
               "TypeError a process runs a function, not 3: give the function itself and its arguments behind it, (f, 1), not (f(1))",
             "#{timeout} -1 #{timeout} '1'"
           ]
  end

  @tag :slow
  test "a timeout leaves the task as it is; cancel ends it, and its caller lives" do
    late = "TimeoutError the task is not over after"

    waited =
      "#{late} 0.01 s; it goes on #{late} 0.0 s; it goes on 1 False " <>
        "RuntimeError the task has been awaited or cancelled already"

    assert [^waited, "True [2]", ^waited, "True [2, 2]", ^waited, many, "stop shutdown"] =
             Program.lines!("tasks/task/timeout_leaves_the_task.py")

    assert many =~ ~r/^TimeoutError the task is not over after 0.\d+ s; it goes on \[0, 1, 2\]$/
  end

  @tag :slow
  test "a task that is not linked fails alone: TaskError with the reason" do
    assert [
             "ValueError: on purpose",
             "killed",
             "normal",
             "SystemExit: 3",
             "boom",
             "TypeError: result: cannot pickle '_thread.lock' object",
             "TypeError: result[\"a\"][0]: " <> _,
             "TaskError ValueError: on purpose",
             "RuntimeError the task has been awaited or cancelled already",
             "True",
             "True"
           ] = Program.out!("tasks/task/task_that_is_not_linked_fails_alone.py")
  end

  @tag :slow
  test "a linked task takes its caller down, unless that traps exits" do
    crash = "ValueError: on purpose"

    lines = Program.out!("tasks/task/linked_task_takes_its_caller_down.py")

    assert lines |> Enum.take(4) |> Enum.sort() == [
             "down #{crash}",
             "down #{crash}",
             "stop #{crash}",
             "stop #{crash}"
           ]

    assert Enum.drop(lines, 4) == [
             "TaskError #{crash} [(True, '#{crash}')]",
             "TaskError #{crash}"
           ]
  end

  @tag :slow
  test "the other way round: a caller that fails takes linked tasks down, and no others" do
    assert Program.lines!("tasks/task/other_way_round.py") |> Enum.sort() ==
             Enum.sort(
               ["boom", "linked cut off", "free done", "stream done"] ++
                 ["normal", "linked done", "free done", "stream done"]
             )
  end

  test "bad arguments" do
    program = """
    from rebeam import *
    from task_actors import *
    for args, kwargs in (((3, []), {}), ((add, 3), {}), ((add, [], 0), {}), ((add, [], "2"), {}),
                         ((add, []), {"timeout": -1}), ((add, []), {"timeout": "1"})):
        print(attempt(lambda: async_stream(*args, **kwargs)))
    """

    assert Program.lines!(program) == [
             "TypeError a process runs a function, not 3: give the function itself and its arguments behind it, (f, 1), not (f(1))",
             "TypeError 'int' object is not iterable",
             "ValueError max_concurrency is a whole number from 1 on, not 0",
             "ValueError max_concurrency is a whole number from 1 on, not '2'",
             "ValueError timeout must be a non-negative number of seconds, not -1",
             "ValueError timeout must be a non-negative number of seconds, not '1'"
           ]
  end

  test "a result that cannot be rebuilt" do
    program = """
    from rebeam import *
    from task_actors import *
    class Odd:
        def __reduce__(self):
            return int, ("odd",)
    def odd():
        return Odd()
    print(attempt(lambda: await_(async_(odd))))
    print([(str(status), value) for status, value in async_stream(lambda n: Odd(), [1])])
    """

    assert [
             "TaskError the result cannot be rebuilt: " <> _,
             "[('down', \"the result cannot be rebuilt: " <> _
           ] = Program.lines!(program)
  end

  @tag timeout: 300_000
  @tag :slow
  test "10,000 tasks, awaited, dropped and cancelled: nothing stays" do
    assert Program.lines!("tasks/task/tasks_awaited.py", limit: 200) == [
             "awaited 49995000 baseline",
             "dropped None baseline",
             "cancelled None baseline",
             "streamed 12497500 baseline",
             "True"
           ]
  end

  @tag :slow
  test "a wait that is cut off takes nothing: the next one gets it" do
    taken = "RuntimeError the task has been awaited or cancelled already"

    cut_off =
      for how <- ~w(suspended plain asynchronous),
          line <- [
            ", value, #{taken}",
            ", TaskError ValueError: on purpose, #{taken}",
            ", value, #{taken}",
            " ordered a b c",
            " unordered a b c"
          ],
          do: how <> line

    assert Program.out!("tasks/task/wait_that_is_cut_off_loses_nothing.py") ==
             cut_off ++
               [
                 "async_stream already executing, item, once, " <>
                   "the task has been awaited or cancelled already",
                 "True baseline"
               ]
  end
end
