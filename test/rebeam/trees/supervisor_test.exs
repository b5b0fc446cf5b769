defmodule Rebeam.Trees.SupervisorTest do
  # Trees: strategies, restarts, the order of starts and stops, giving up.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # Actors that tell what happens to them, and the function that ends the program.
  defp lines(program, options \\ []) do
    result = Program.run(program, options)
    assert result.status == Keyword.get(options, :status, 0), result.err
    String.split(result.out, "\n", trim: true)
  end

  @tag :slow
  test "children start in order and stop in reverse order" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    Supervisor(modules=[
        Worker("a"), Worker("b"),
        Supervisor(modules=[Worker("c"), Worker("d")]),
        Worker("e"), last(lambda: print("run"))])
    """

    started = for name <- ~w(a b c d e), do: "start #{name}"
    stopped = for name <- ~w(e d c b a), do: "stop #{name} shutdown"
    assert lines(program) == started ++ ["run"] ++ stopped
  end

  @tag :slow
  test "several trees start in the order they were made, and all have to end" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    from waiting import wait_until
    begun = []
    first = Supervisor(modules=[
        Worker("a"), last(lambda: wait_until(lambda: begun and not whereis("b")))])
    second = Supervisor(modules=[Worker("b"), last(lambda: begun.append(True))])
    print("body over")
    """

    assert lines(program) == [
             "body over",
             "start a",
             "start b",
             "stop b shutdown",
             "stop a shutdown"
           ]
  end

  @tag :slow
  test "one_for_one restarts the one" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    from waiting import *
    def drive():
        old = whereis("b")
        cast("b", "crash")
        again("b", old)
        print("end")
    Supervisor(modules=[Worker("a"), Worker("b"), Worker("c"), last(drive)])
    """

    assert lines(program) == [
             "start a",
             "start b",
             "start c",
             "stop b ValueError: on purpose",
             "start b",
             "end",
             "stop c shutdown",
             "stop b shutdown",
             "stop a shutdown"
           ]
  end

  @tag :slow
  test "rest_for_one restarts it and those after it" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    from waiting import *
    def drive():
        old = whereis("c")
        cast("b", "crash")
        again("c", old)
        print("end")
    Supervisor(modules=[Supervisor(strategy=REST_FOR_ONE, modules=[
        Worker("a"), Worker("b"), Worker("c")]), last(drive)])
    """

    assert lines(program) == [
             "start a",
             "start b",
             "start c",
             "stop b ValueError: on purpose",
             "stop c shutdown",
             "start b",
             "start c",
             "end",
             "stop c shutdown",
             "stop b shutdown",
             "stop a shutdown"
           ]
  end

  @tag :slow
  test "one_for_all restarts all" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    from waiting import *
    def drive():
        old = whereis("c")
        cast("b", "crash")
        again("c", old)
        print("end")
    Supervisor(modules=[Supervisor(strategy=ONE_FOR_ALL, modules=[
        Worker("a"), Worker("b"), Worker("c")]), last(drive)])
    """

    assert lines(program) == [
             "start a",
             "start b",
             "start c",
             "stop b ValueError: on purpose",
             "stop c shutdown",
             "stop a shutdown",
             "start a",
             "start b",
             "start c",
             "end",
             "stop c shutdown",
             "stop b shutdown",
             "stop a shutdown"
           ]
  end

  @tag :slow
  test "more restarts than allowed end the program, which says why" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    def drive():
        while True:
            cast("bad", "crash")
            sleep(0.02)
    Supervisor(modules=[Worker("good"), Worker("bad"), drive], max_restarts=2, max_seconds=60)
    """

    # What the log does not show, the last word does.
    result = Program.run(program, options: ["--log-level", "critical"])
    assert result.status == 1

    assert String.split(result.out, "\n", trim: true) ==
             ["start good", "start bad", "stop bad ValueError: on purpose"] ++
               ["start bad", "stop bad ValueError: on purpose"] ++
               ["start bad", "stop bad ValueError: on purpose", "stop good shutdown"]

    assert [_, text] = String.split(result.err, "rebeam: the supervision tree gave up", parts: 2)
    assert text =~ "child bad"
    assert text =~ "Traceback (most recent call last)"
    assert text =~ ~s(raise ValueError("on purpose"\))
    assert text =~ "ValueError: on purpose"
  end

  @tag :slow
  test "a nested tree that gives up is a crash of its parent's child" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    from waiting import *
    def drive():
        old = whereis("outer")
        for _ in range(2):
            inner = whereis("inner")
            cast("inner", "crash")
            again("inner", inner)
        print(whereis("outer") == old)
    Supervisor(modules=[
        Worker("outer"),
        child(Supervisor(modules=[Worker("inner")], max_restarts=0), id="nested"),
        last(drive)], max_restarts=5)
    """

    assert lines(program) == [
             "start outer",
             "start inner",
             "stop inner ValueError: on purpose",
             "start inner",
             "stop inner ValueError: on purpose",
             "start inner",
             "True",
             "stop inner shutdown",
             "stop outer shutdown"
           ]

    program = """
    from rebeam import *
    from supervisor_worker import *
    from waiting import *
    def drive():
        while True:
            cast("inner", "crash")
            sleep(0.02)
    Supervisor(modules=[
        child(Supervisor(modules=[Worker("inner")], max_restarts=0), id="nested"),
        drive], max_restarts=1)
    """

    result = Program.run(program)
    assert result.status == 1
    assert [_, text] = String.split(result.err, "rebeam: the supervision tree gave up", parts: 2)
    # Which child of which, and why in the first place.
    assert text =~ "nested"
    assert text =~ "inner"
    assert text =~ "ValueError: on purpose"
  end

  @tag :slow
  test "what is done when it returns, unless its child says otherwise: functions and modules" do
    done = "('noting', 'stopped'), ('once', 'stopped'), ('twice', 'stopped')"
    program = "trees/supervisor/what_is_done_when_it_returns.py"

    for options <- [[], ~w(--isolation process --workers 2)] do
      result = Program.run(program, options: ["--log-level", "none" | options])

      assert result == %Program{
               out: "[('leaver', 'running'), #{done}] True\n",
               err: "",
               status: 0
             }
    end
  end

  @tag :slow
  test "permanent, transient and temporary children" do
    assert Enum.reject(lines("trees/supervisor/permanent.py"), &(&1 =~ ~r/^(start|stop)/)) == [
             "permanent exit again",
             "permanent crash again",
             "transient exit gone",
             "transient crash again",
             "temporary exit gone",
             "temporary is gone"
           ]
  end

  @tag :slow
  test "functions and modules are children until they return" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    from waiting import wait_until
    runs, done = [], []
    def flaky():
        wait_until(lambda: done)
        runs.append(1)
        print("run", len(runs))
        if len(runs) < 3:
            raise ValueError(len(runs))
    def once():
        print("once")
        done.append(True)
    Supervisor(modules=[
        child(once, restart="temporary"), last(flaky)], max_restarts=5)
    """

    result = Program.run(program)
    assert result.status == 0

    assert Enum.sort(String.split(result.out, "\n", trim: true)) == [
             "once",
             "run 1",
             "run 2",
             "run 3"
           ]

    assert length(Regex.scan(~r/^ValueError: \d/m, result.err)) == 2
  end

  @tag :slow
  test "a significant child ends its supervisor, and the tree with it" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    def drive():
        cast("key", "exit", 0)
    Supervisor(modules=[
        Worker("a"), child(Worker("key"), restart="transient", significant=True), Worker("b"),
        child(drive, restart="temporary")])
    """

    lines = lines(program)
    assert ["start a", "start key", "start b" | rest] = lines
    assert [["stop key normal", "stop b shutdown", "stop a shutdown"]] == [rest]
  end

  @tag :slow
  test "shutdown: brutal_kill runs no @stop, a time that is too short ends all the same" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    import threading
    class Slow(Worker):
        @stop()
        def bye(self, reason):
            print("slow stops", self.name)
            sleep(1000)
            print("not reached")
    Supervisor(modules=[
        Worker("a"),
        child(Worker("killed"), shutdown="brutal_kill"),
        child(Slow("slow"), shutdown=2),
        last(lambda: None)])
    """

    assert lines(program) == [
             "start a",
             "start killed",
             "start slow",
             "slow stops slow",
             "stop a shutdown"
           ]
  end

  @tag :slow
  test "shutdown interrupts what waits, so it does not take its time" do
    program = """
    from rebeam import *
    from supervisor_worker import *
    def drive():
        cast("busy", "sleep")
        sleep(0.1)
    Supervisor(modules=[child(Worker("busy"), shutdown="infinity"), last(drive)])
    """

    assert lines(program) == ["start busy", "stop busy shutdown"]
  end

  for {where, code} <- [
        {"__init__ of a class",
         "class Bad(GenPy):\n    def __init__(self):\n        raise KeyError('no start')\nitem = Bad"},
        {"@start",
         "class Bad(GenPy):\n    @start()\n    def boot(self):\n        raise KeyError('no start')\nitem = Bad()"}
      ] do
    @tag :slow
    test "a start failure in #{where} is status 1 with the traceback" do
      program = """
      from rebeam import *
      from supervisor_worker import *
      #{unquote(code)}
      Supervisor(modules=[Worker("a"), child(item, id="the bad one"), Worker("b")])
      """

      result = Program.run(program, options: ["--log-level", "critical"])
      assert result.status == 1
      assert result.out == "start a\nstop a shutdown\n"
      assert [_, text] = String.split(result.err, "rebeam: ", parts: 2)
      assert text =~ "the bad one"
      assert text =~ "Traceback (most recent call last)"
      assert text =~ "raise KeyError('no start')"
      assert text =~ "KeyError: 'no start'"
    end
  end

  test "a raising __init__ of an instance is main.py's own exception" do
    program = """
    from rebeam import *
    class Bad(GenPy):
        def __init__(self):
            raise KeyError("no start")
    Supervisor(modules=[Bad()])
    """

    result = Program.run(program)
    assert %{status: 1, out: ""} = result
    assert result.err =~ ~r/\ATraceback.*KeyError: 'no start'\n\z/s
  end

  @tag :slow
  test "what Supervisor and child refuse, they refuse where they are written" do
    # None of them was made, so nothing runs.
    assert Program.lines!("trees/supervisor/what_supervisor_and_child_refuse.py") == [
             "TypeError True",
             "FileNotFoundError True",
             "ValueError True",
             "ValueError True True",
             "ValueError True True",
             "TypeError True",
             "ValueError True",
             "ValueError True",
             "ValueError True",
             "ValueError True",
             "ValueError True",
             "ValueError True",
             "TypeError True",
             "ValueError True"
           ]
  end

  @tag :slow
  test "asked as an actor is, it says that it is none, and its children live on" do
    result = Program.run("trees/supervisor/asked_as_if_it_were_an_actor.py")
    assert result.status == 0, result.err
    none = "a supervisor handles no messages, and so no 'add': ask one of its children"

    assert String.split(result.out, "\n", trim: true) == [
             "error #{none} True",
             "error #{none} True",
             "True True",
             "['some', 'holder', 'job'] False"
           ]

    assert [first, second] = String.split(result.err, "\n", trim: true)

    for line <- [first, second],
        do: assert(line =~ ~r/\[warning\] cast "add" to <.*> failed: "#{none}"/)
  end
end
