defmodule Rebeam.UnitsTest do
  # Actors in isolation units: the same program, the same results; what is particular to units
  # that are OS processes. Of those that are interpreters: units/interpreter_test, interpreter_unit_test.
  use ExUnit.Case, async: true

  import Rebeam.Waiting

  alias Rebeam.{InterpreterProgram, Program}

  @units ["--workers", "2", "--isolation"]

  # The lines of a program, which have to be the same wherever its actors run.
  defp same!(program) do
    interpreters =
      for python <- InterpreterProgram.pythons(),
          do: @units ++ ["interpreter", "--python", python.executable]

    [shared | others] =
      for options <- [[], @units ++ ["process"] | interpreters],
          do: Program.run(program, options: options)

    for each <- [shared | others] do
      assert each.out == shared.out
      assert each.status == 0
      # The crash that is wanted is logged once.
      assert length(String.split(each.err, "[error]")) == 2
    end

    String.split(shared.out, "\n", trim: true)
  end

  @tag :slow
  test "messages, suspension, timers, tasks, spawned functions, async handlers" do
    lines = same!("units/messages_suspension_timers_tasks_spawned.py")
    assert "ok True Point __main__" in lines
    assert ~s(down KeyError: 'no such thing' True) in lines
  end

  @tag :slow
  test "surroundings: what the body of the script set up is there, and runs once" do
    folder =
      Program.folder(%{
        "extra/extra_module.py" => "value = 42\n",
        "main.py" => "units/surroundings.py"
      })

    lines =
      Program.lines!(Path.join(folder, "main.py"), args: [folder, "--one", "two"], input: "input")

    assert lines == [
             "body",
             "['--one', 'two'] yes 42 ('helped', 3) __main__ #{Path.basename(folder)} " <>
               "True False  __mp_main__ False"
           ]
  end

  @tag :slow
  test "a unit has around it what a spawned process has, and what Python keeps, as it is now" do
    result =
      Program.run("units/spawned.py",
        options: ["--workers", "1"],
        env: [{"PYTHONOPTIMIZE", "1"}, {"PYTHONWARNINGS", "default"}]
      )

    assert String.split(result.out, "\n", trim: true) ==
             ["differs: []", "INFO|some.part|from True", "Own: ours", "0077"]

    assert result.status == 0
  end

  @tag :slow
  test "whatever guards what a program does, it is done once; no definition is left out" do
    forms = ~w(and in not expression turned match walrus variable)
    once = fn what -> ["did #{what}", "said #{what}"] end

    assert Program.lines!("units/guards.py", options: ["--workers", "2"]) ==
             ["5"] ++
               Enum.flat_map(forms, once) ++
               [
                 "('__mp_main__', '__main__', [], ['limit', 'other', 'third', 'found', 'parts', " <>
                   "'more', 'n', 'Later'], True)",
                 "7 third"
               ] ++
               once.("behind") ++ once.("late") ++ ["([1, 2, 3], 5, 4, 'colorsys')", "noted "]
  end

  @tag :slow
  test "the definitions end where the body first asks the runtime, and errors say so" do
    line = &Program.line("units/definitions_end_where_the_body_first_asks.py", &1)

    assert Program.out!("units/definitions_end_where_the_body_first_asks.py") == [
             "here",
             "True",
             "for its definitions alone, and left out: line #{line.("late = ")}; " <>
               "line #{line.("class Later")} (NameError(\"name 'late' is not defined\"))",
             "TypeError <lambda> cannot start in an isolation unit: cannot pickle function " <>
               "'<lambda>': module '__main__' holds no such name (what a child is made from is " <>
               "sent there; functions and classes go by their name)",
             "TypeError Early cannot start in an isolation unit: arguments[0][\"a\"][0]: cannot " <>
               "pickle '_thread.lock' object (what a child is made from is sent there; functions " <>
               "and classes go by their name)",
             "ValueError isolation must be one of shared, interpreter, process, not 'thread'",
             "TypeError isolation is for actors and functions: give it to a supervisor's children"
           ]
  end

  @tag :slow
  test "with --isolation, what cannot be sent stays in the main interpreter" do
    options = ["--isolation", "process", "--workers", "1"]
    result = Program.run("units/with_isolation.py", options: options)

    assert result.out == "True False\n"
    assert result.status == 0
    assert result.err =~ "<lambda> cannot start in an isolation unit: cannot pickle function"
    assert result.err =~ "arguments[0]: cannot pickle function"
    assert result.err =~ "it runs in the main interpreter"
  end

  @tag :slow
  test "names, groups, links, monitors and exits reach across units" do
    result = Program.run("units/names_groups_links.py", options: ["--workers", "2"])

    assert String.split(result.out, "\n", trim: true) == [
             "True True True",
             "None True True",
             "None None None",
             "True",
             "3 ['a', 'b', 'c', 'taken', 'top']",
             "False True True",
             "a [('hello', 1), ('Exit', 'ValueError: died')]",
             "b []",
             "c [('hello', 1), ('Down', 'ValueError: died')]",
             "True [('hello', 2)]",
             "None True"
           ]
  end

  @tag :slow
  test "a unit that is stopped, with more on its way than the connection holds: the same" do
    assert Program.lines!("units/frozen_busy.py", options: ["--workers", "1"]) == [
             "['timeout', 'timeout', 'timeout', 'timeout', 'timeout', 'timeout'] in time",
             "timeout in time",
             "False in time",
             "TimeoutError in time",
             "TimeoutError in time",
             "timeout in time",
             "False in time",
             "False in time",
             "True in time",
             "ValueError in time",
             "0 in time",
             "['Taker', 'Pusher', 'driver'] in time",
             "(<Status.OK: 'ok'>, 400000)"
           ]
  end

  @tag :slow
  test "a unit that takes nothing for a while gets what was sent in its order" do
    assert Program.lines!("units/frozen_order.py", options: ["--workers", "1"]) ==
             ["600 True", "True"]
  end

  @tag :slow
  test "a unit that takes nothing for a while: a call with interrupt=True is interrupted there" do
    assert Program.lines!("units/frozen_interrupt.py", options: ["--workers", "1"]) ==
             ["timeout 1", "timeout 2"]
  end

  @tag :slow
  test "what threads of an actor ask of other nodes leaves the wait of its handler alone" do
    assert Program.out!("units/beside.py", options: ["--workers", "2"]) == [
             "timeout",
             "[('alive', False), ('away', 'ok'), ('stopped', 'timeout')]"
           ]
  end

  @tag :slow
  test "a name never means a process of which somebody has told that it ended" do
    result = Program.run("units/stale_names.py", options: ["--workers", "2"])
    assert {result.out, result.status} == {"here 0 0\naway 0 0\nbeside 0 0\n", 0}
  end

  @tag :slow
  test "a timer ends with its unit: to cancel it then is None" do
    program = """
    import os
    from rebeam import *

    class Clock(GenPy):
        @receive("start")
        def start(self):
            own = ProcessID()
            return send_after(60, own, "x"), send_interval(60, own, "x"), send_after(60, "there", "x")

        @receive("end")
        def end(self):
            os._exit(3)

    class There(GenPy):
        @receive("cancel")
        def cancel(self, message):
            return [cancel_timer(each) for each in message]

    if __name__ == "__main__":
        def driver():
            timers = call("clock", "start")[1]
            print(0 < cancel_timer(timers[0]) <= 60, cancel_timer(timers[0]))
            timers = call("clock", "start")[1]
            print(call("clock", "end"))
            print([cancel_timer(each) for each in timers], call("there", "cancel", timers))

        Supervisor([child(Clock(), name="clock", isolation="process"),
                    child(There(), name="there", isolation="process"),
                    child(driver, restart="transient", significant=True)])
    """

    assert Program.out!(program, options: ["--workers", "2"]) == [
             "True None",
             "(<Status.DOWN: 'down'>, 'noconnection')",
             "[None, None, None] (<Status.OK: 'ok'>, [None, None, None])"
           ]
  end

  @tag :slow
  test "a unit that is stopped: what is asked of it ends in time, and holds up nobody" do
    asked = [
      "call name = timeout in time",
      "call name and node = timeout in time",
      "call many = ['timeout', 'ok', 'timeout'] in time",
      "cast name = True in time",
      "cast name and node = False in time",
      "send = False in time",
      "monitor = Reference in time",
      "whereis = True in time",
      "alive = False in time",
      "which = ['frozen', 'away', 'free', 'driver'] in time",
      "count = 4 in time",
      "info = 1 in time"
    ]

    lines = Program.out!("units/frozen.py", options: ["--workers", "2"])

    # From the main node, and from another unit.
    assert lines ==
             asked ++
               asked ++
               [
                 "(<Status.OK: 'ok'>, 'asked')",
                 "('ok', True, 'timeout')",
                 "('ok', True, 'timeout')",
                 "the name \"frozen\" is taken",
                 "killed True",
                 "killed True"
               ]
  end

  @tag :slow
  test "a unit that ends crashes its actors, once for each supervisor's eyes, and is replaced" do
    result =
      Program.run("units/unit_that_ends_crashes_its_actors.py", options: ["--workers", "2"])

    assert String.split(result.out, "\n", trim: true) == [
             "segfault down noconnection 1 True 1",
             "abort down noconnection 1 True 2",
             "exit down noconnection 1 True 3",
             "overflow down noconnection 1 True 4",
             "kill -9 down noconnection 1 True 5"
           ]

    for how <- ["signal 11 (SIGSEGV)", "signal 6 (SIGABRT)", "status 7", "signal 9 (SIGKILL)"] do
      assert result.err =~
               ~r/process unit \d \(OS process \d+\) .*#{Regex.escape(how)}: its actors/
    end

    assert result.status in [0, 1]
  end

  @tag :slow
  test "for a supervisor the loss of a unit is one crash, however many of its children were there" do
    result =
      Program.run("units/for_a_supervisor_the_loss_of_a_unit_is_one.py",
        options: ["--workers", "1"]
      )

    assert String.split(result.out, "\n", trim: true) == [
             "10 noconnection",
             "10 noconnection",
             "10 noconnection",
             "[True, True, True, True, True, True] 6",
             "[True, True, True, True] 4"
           ]

    assert result.status == 1
    assert result.err =~ ~r/the supervision tree gave up: child .* failed too often\nnoconnection/
  end

  @tag :slow
  test "children in units at run time: ended in order, brutally, restarted, deleted" do
    assert Program.lines!("units/children_in_units_at_run_time.py", options: ["--workers", "2"]) ==
             [
               "start a",
               "start b",
               "start c",
               "True ['a', 'b', 'c'] ok",
               "stop a shutdown",
               "stopped a",
               "stop c shutdown",
               "[False, False, False] ['stopped', 'stopped', 'stopped']",
               "start a",
               "True True",
               "stop a shutdown",
               "stopped a",
               "['b', 'c']",
               "True True",
               "finally",
               "False"
             ]
  end

  @tag :slow
  test "the end: @stop, atexit and output of units come before the program's end" do
    result = Program.run("units/end.py", options: ["--workers", "1"])
    lines = String.split(result.out, "\n", trim: true)

    assert Enum.take(lines, 6) == [
             "started a",
             "started b",
             "stopped b shutdown",
             "noted b",
             "stopped a shutdown",
             "noted a"
           ]

    assert Enum.drop(lines, 6) == ["atexit b", "atexit a"]
  end

  @tag :slow
  test "a unit's at-exit work has the time that the program's has" do
    program = """
    import atexit, threading
    from rebeam import *
    class Worker(GenPy):
        @start()
        def begin(self):
            atexit.register(print, "last")
            for _ in range(20):  # 1.5 s for the first that hangs, 0.3 s for each that follows
                atexit.register(threading.Event().wait)
    if __name__ == "__main__":
        def driver(): pass
        Supervisor([child(Worker(), isolation="process"),
                    child(driver, restart="transient", significant=True)])
    """

    result = Program.run(program, options: ["--workers", "1"])
    assert result.status == 0
    assert result.out == "last\n"
  end

  @tag :slow
  test "no unit outlives its program, however that ends" do
    for {how, status} <- [
          {"end", 3},
          {"SIGKILL", "SIGKILL"},
          {"SIGTERM", 143},
          {"SIGSEGV", "SIGSEGV"}
        ] do
      on = if how == "end", do: [], else: [{"units", :signal, how}]
      result = Program.run("units/no_unit_outlives_its_program.py", args: [how], on: on)
      assert result.status == status, "#{how}: #{inspect(result)}"
      ["units" | pids] = String.split(result.out)
      assert length(pids) == 3
      wait_until(fn -> gone?(pids) end)
    end
  end

  defp gone?(pids) do
    pids |> Enum.filter(&File.exists?("/proc/#{&1}/status")) |> Enum.all?(&zombie?/1)
  end

  # Nobody reaps orphans in some containers.
  defp zombie?(pid) do
    case File.read("/proc/#{pid}/status") do
      {:ok, status} -> status =~ ~r/^State:\s+Z/m
      _ -> true
    end
  end

  @tag :slow
  test "a limit on memory: MemoryError first, then the unit's end; others go on" do
    options = ["--workers", "1", "--unit-memory", "500M"]
    result = Program.run("units/limit_on_memory.py", options: options)

    assert String.split(result.out, "\n", trim: true) == [
             "(<Status.OK: 'ok'>, 1) (<Status.OK: 'ok'>, 'MemoryError') (<Status.OK: 'ok'>, 2)",
             "down",
             "(<Status.OK: 'ok'>, 1) (<Status.OK: 'ok'>, 1)"
           ]

    assert result.err =~ "its limit is 500 MiB: it was ended: its actors"
  end
end
