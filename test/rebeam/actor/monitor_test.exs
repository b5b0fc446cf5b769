defmodule Rebeam.Actor.MonitorTest do
  # Monitors: each tells once, with the true reason, and none that was taken back.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, PythonError}

  @tag :slow
  test "the reasons are OTP's" do
    program = """
    from rebeam import *
    from monitor_actors import *
    run_register_process(Watcher)
    for reason in ("boom", "normal", "shutdown", "kill"):
        pid = worker()
        ref = do("monitor", pid)
        cast(pid, "exit", reason)
        down, = saw()
        assert down == Down(ref, pid, down.reason), down
        print(down.reason)
        ref = do("monitor", pid)
        assert saw() == [Down(ref, pid, "noproc")]
    """

    otp =
      for reason <- ["boom", :normal, :shutdown, :kill] do
        {_, monitor} = spawn_monitor(fn -> Process.exit(self(), reason) end)
        receive do: ({:DOWN, ^monitor, _, _, reason} -> PythonError.reason_text(reason))
      end

    assert Program.lines!(program) == otp
  end

  @tag :slow
  test "a monitor is there when monitor returns: no end behind it is noproc" do
    assert Program.lines!("actor/monitor/monitor_is_there_when_monitor_returns.py") == [
             "{'killed'}",
             "{'behind'}"
           ]
  end

  test "a crash tells its traceback, once to each monitor" do
    program = """
    from rebeam import *
    from monitor_actors import *
    run_register_process(Watcher)
    pid = worker(name="crashing")
    refs = [do("monitor", "crashing"), do("monitor", pid), do("monitor", ("crashing", pid.node))]
    print(call(pid, "crash", "told")[0])
    downs = saw(3)
    print({down.ref for down in downs} == set(refs), {down.pid for down in downs} == {pid})
    for down in downs:
        print(down.reason.splitlines()[-1])
    """

    result = Program.run(program)
    assert result.status == 0
    assert result.out == "down\nTrue True\n" <> String.duplicate("ValueError: told\n", 3)
  end

  test "a name that nobody has is down at once, without a process" do
    program = """
    from rebeam import *
    from monitor_actors import *
    run_register_process(Watcher)
    ref = do("monitor", "nobody")
    print(saw() == [Down(ref, None, "noproc")])
    print(do("demonitor", ref), saw(0))
    do("monitor", ("nobody", self_pid().node))
    print([(down.pid, down.reason) for down in saw()])
    do("monitor", ("nobody", "no@where"))
    print([(down.pid, down.reason) for down in saw()])
    """

    assert Program.lines!(program) ==
             ["True", "False []", "[(None, 'noproc')]", "[(None, 'noproc')]"]
  end

  @tag :slow
  test "demonitor: before, after, and between a Down and its handling" do
    assert [
             "True [True, False, True] False",
             "False [True, True, True] False",
             "True False",
             "[]",
             "TypeError a monitor is the Reference that monitor() gave, not 3",
             last
           ] = Program.lines!("actor/monitor/demonitor.py")

    assert last == "False" or last =~ ~r/^ValueError demonitor: .* is another process's$/
  end

  test "the runtime's own monitors for calls are never told" do
    told = "[(True, True, 'while asked')]"

    assert Program.lines!("actor/monitor/runtimes_own_monitors_for_calls_are_never.py") ==
             [
               "down True",
               told,
               "down True",
               told,
               "(<Status.TIMEOUT: 'timeout'>, None)",
               "[]"
             ]
  end

  @tag :slow
  test "a Down while its watcher waits comes after what it does" do
    program = """
    from rebeam import *
    from monitor_actors import *
    run_register_process(Watcher)
    class Slow(Watcher):
        name = "slow"
        @receive("go")
        def go(self):
            pids = [spawn(sleep, 60) for _ in range(50)]
            refs = [monitor(pid) for pid in pids]
            for pid in pids:
                exit(pid, "gone")
                sleep(0.001)
            return refs, len(self.saw)
    run_register_process(Slow)
    refs, seen = call("slow", "go")[1]
    downs = saw(50, "slow")
    print(seen, len(downs), {down.ref for down in downs} == set(refs))
    """

    assert Program.lines!(program) == ["0 50 True"]
  end

  @tag :slow
  test "storms: 3,000 monitors of one process, and one monitor of 3,000" do
    assert Program.lines!("actor/monitor/storms.py") == [
             "3000 True {'storm'}",
             "3000 True {'normal'}",
             "baseline"
           ]
  end
end
