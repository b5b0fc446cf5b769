defmodule Rebeam.Tasks.SpawnTest do
  # Functions as processes: how they begin, what they share, how they end.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "linked and monitored before it begins: the true reason, however soon it ends" do
    assert Program.out!("tasks/spawn/linked_and_monitored_before_it_begins.py") ==
             for(
               event <- ["Down", "Exit"],
               what <- [
                 "fail ValueError: at once",
                 "kill killed",
                 "leave normal",
                 "leave_badly SystemExit: 3",
                 "len normal"
               ],
               do: "#{event} #{what} 100"
             )
  end

  @tag :slow
  test "the arguments are copies; what cannot be sent, and closures, are shared" do
    assert Program.lines!("tasks/spawn/arguments_are_copies.py") == [
             "([1, [2]], [1], [1, 'later'], True, [1, [2]], [1, 'later'])",
             "('function', 'function', 'lock', 'ProcessID', 'bytes', 'set', 'Task')"
           ]
  end

  @tag :slow
  test "what can run: functions, lambdas, closures, methods, partials, callables, builtins" do
    assert Program.lines!("tasks/spawn/what_can_run.py") == [
             "1",
             "('class method', 1)",
             "('closure', 0, 1)",
             "('closure', 1)",
             "('lambda', 1)",
             "('method', 1)",
             "('object', 1)",
             "('static', 1)",
             "a process runs a function, not 3: give the function itself and its arguments behind it, (f, 1), not (f(1))",
             "a process runs a function, not None: give the function itself and its arguments behind it, (f, 1), not (f(1))",
             "coroutine must be a plain def to run as a process",
             "Owner is an actor: start it with run_register_process",
             "a process runs a function, not <spawn_actors.Owner"
           ]
  end

  @tag :slow
  test "from the script's body, a plain thread, and a spawned function" do
    nowhere = "works in actors and spawned functions: here is no process that takes signals"

    assert Program.lines!("tasks/spawn/from_the_scripts_body.py") == [
             "[(0,), (1,), (2,), (3,), (3,)]",
             "spawn_link #{nowhere}",
             "spawn_link #{nowhere}",
             "spawn_monitor #{nowhere}",
             "spawn_monitor #{nowhere}"
           ]
  end

  @tag :slow
  test "it takes no messages: call is an error, cast and info are lost" do
    program = """
    from rebeam import *
    from spawn_actors import *
    from waiting import wait_until
    run_register_process(Owner)
    pid = spawn(sleep, 2)
    print(call(pid, "x"), cast(pid, "x"), send(pid, "x"), is_alive(pid))
    wait_until(lambda: not is_alive(pid))
    print(call(pid, "x"), cast(pid, "x"), is_alive(pid))
    """

    result = Program.run(program)
    assert result.status == 0
    text = "sleep is a function: it takes no messages"

    assert result.out ==
             "(<Status.ERROR: 'error'>, '#{text}') True True True\n" <>
               "(<Status.DOWN: 'down'>, 'noproc') False False\n"

    assert result.err =~ ~s(cast "x" to sleep is lost)
  end

  test "a failure is logged once; a signal not at all" do
    program = """
    from rebeam import *
    from spawn_actors import *
    from waiting import wait_until
    run_register_process(Owner)
    def fail(x):
        sleep(0.01)
        raise ValueError(x)
    failing = spawn(fail, "told once")
    pid = spawn(sleep, 60)
    exit(pid, "boom")
    other = spawn(sleep, 60)
    exit(other, "kill")
    wait_until(lambda: not any(map(is_alive, (failing, pid, other))))
    """

    result = Program.run(program)
    assert %{status: 0, out: ""} = result
    assert [_, _] = String.split(result.err, "ValueError: told once")
    assert result.err =~ ~r/actor fail <[^>]*> crashed/
    assert [_, _] = String.split(result.err, "[error]")
  end

  test "the program's end reaches waiting code: ActorExit, finally, in any number" do
    assert Program.lines!("tasks/spawn/programs_end_reaches_waiting_code.py") == [
             "over",
             "all ended"
           ]
  end

  @tag :slow
  test "it ends with the program also while it computes or swallows its end" do
    program = """
    from rebeam import *
    from spawn_actors import *
    from waiting import wait_until
    run_register_process(Owner)
    def swallow():
        begun.append(swallow)
        while True:
            try:
                sleep(60)
            except BaseException:
                pass
    def compute():
        begun.append(compute)
        while True:
            pass
    begun = []
    spawn(swallow)
    spawn(compute)
    wait_until(lambda: len(begun) == 2)
    print("over", flush=True)
    """

    assert %{status: 0, out: "over\n"} = Program.run(program)
  end

  @tag :slow
  test "a start that the program's end cuts off ends in order" do
    program = """
    from rebeam import *
    from spawn_actors import *
    from waiting import wait_until
    run_register_process(Owner)
    class Slow(GenPy):
        @start()
        def begin(self):
            try:
                begun.append(self)
                sleep(60)
            finally:
                print("finally", flush=True)
    begun = []
    spawn(run_register_process, Slow)
    wait_until(lambda: begun)
    """

    assert Program.lines!(program) == ["finally"]
  end

  @tag timeout: 300_000
  @tag :slow
  test "10,000 at once, suspended: no thread each, and none stays" do
    assert Program.lines!("tasks/spawn/at_once_suspended.py", limit: 200) == [
             "suspended True",
             "True baseline",
             "suspended True",
             "True baseline",
             "(10000, 0)"
           ]
  end

  @tag :slow
  test "killed while suspended, in whatever way: nothing stays" do
    assert Program.lines!("tasks/spawn/killed_while_suspended.py") == ["baseline", "baseline"]
  end
end
