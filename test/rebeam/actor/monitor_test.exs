defmodule Rebeam.Actor.MonitorTest do
  # Monitors: each tells once, with the true reason, and none that was taken back.
  use ExUnit.Case, async: true

  alias Rebeam.{Program, PythonError}

  @preamble """
  from rebeam import *
  from baseline import counts, settled

  class Watcher(GenPy):
      name = "watcher"
      def __init__(self):
          self.saw = []
      @receive("do")
      def do(self, message):
          verb, *rest = message
          return globals()[verb](*rest)
      @receive("saw")
      def all(self):
          saw, self.saw = self.saw, []
          return saw
      @info()
      def note(self, message):
          self.saw.append(message)

  class Worker(GenPy):
      @receive("crash")
      def crash(self, message):
          raise ValueError(message)
      @receive("sleep")
      def rest(self, message):
          sleep(message)
      @receive("exit")
      def leave(self, message):
          exit(self_pid(), message)

  def worker(**options):
      return run_register_process(child(Worker, restart="temporary", **options))

  def do(*verb):
      status, result = call("watcher", "do", verb, timeout=60)
      assert status, result
      return result

  def saw(least=1, name="watcher"):
      # At least so many events, unless that takes too long, and what comes with them.
      seen = []
      for _ in range(200):
          sleep(0.05)
          seen += call(name, "saw", timeout=60)[1]
          if len(seen) >= least:
              break
      return seen

  run_register_process(Watcher)

  """

  defp lines(program), do: Program.lines!(@preamble <> program)

  test "the reasons are OTP's" do
    program = """
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

    assert lines(program) == otp
  end

  test "a monitor is there when monitor returns: no end behind it is noproc" do
    program = """
    class Fast(Watcher):
        name = "fast"
        @receive("race")
        def race(self):
            for n in range(2000):
                pid = spawn(sleep, 60)
                monitor(pid)
                exit(pid, "kill")
    run_register_process(Fast)
    call("fast", "race", timeout=60)
    print({down.reason for down in saw(2000, "fast")})
    for n in range(300):
        pid = worker()
        do("monitor", pid)
        cast(pid, "exit", "behind")
    print({down.reason for down in saw(300)})
    """

    assert lines(program) == ["{'killed'}", "{'behind'}"]
  end

  test "a crash tells its traceback, once to each monitor" do
    program = """
    pid = worker(name="crashing")
    refs = [do("monitor", "crashing"), do("monitor", pid), do("monitor", ("crashing", pid.node))]
    print(call(pid, "crash", "told")[0])
    downs = saw()
    print({down.ref for down in downs} == set(refs), {down.pid for down in downs} == {pid})
    for down in downs:
        print(down.reason.splitlines()[-1])
    """

    result = Program.run(@preamble <> program)
    assert result.status == 0
    assert result.out == "down\nTrue True\n" <> String.duplicate("ValueError: told\n", 3)
  end

  test "a name that nobody has is down at once, without a process" do
    program = """
    ref = do("monitor", "nobody")
    print(saw() == [Down(ref, None, "noproc")])
    print(do("demonitor", ref), saw(0))
    do("monitor", ("nobody", self_pid().node))
    print([(down.pid, down.reason) for down in saw()])
    do("monitor", ("nobody", "no@where"))
    print([(down.pid, down.reason) for down in saw()])
    """

    assert lines(program) ==
             ["True", "False []", "[(None, 'noproc')]", "[(None, 'noproc')]"]
  end

  test "demonitor: before, after, and between a Down and its handling" do
    program = """
    class Both(Watcher):
        name = "both"
        @receive("flush")
        def flush(self, message):
            flush, settle = message
            pids = [spawn(sleep, 60) for _ in range(3)]
            refs = [monitor(pid) for pid in pids]
            for pid in pids:
                exit(pid, "kill")
            sleep(settle)
            # The middle one: its Down, if it has come, is not handled yet.
            found = demonitor(refs[1], flush)
            return found, refs
    run_register_process(Both)
    for flush in (True, False):
        for settle in (0, 0.05):
            found, refs = call("both", "flush", (flush, settle))[1]
            told = [down.ref for down in saw(2 if flush else 3, "both")]
            if not settle and flush and refs[1] in told:
                print("told in spite of flush")
            if settle:
                print(flush, [ref in told for ref in refs], found)
    pid = worker()
    ref = do("monitor", pid)
    print(do("demonitor", ref), do("demonitor", ref))
    exit(pid, "boom")
    print(saw(0))
    def attempt(*args):
        try:
            return demonitor(*args)
        except Exception as error:
            return f"{type(error).__name__} {error}"
    class Other(Watcher):
        name = "other"
        @receive("attempt")
        def attempt(self, message):
            return attempt(message)
    run_register_process(Other)
    print(call("other", "attempt", 3)[1])
    print(call("other", "attempt", do("monitor", worker()))[1])
    """

    assert [
             "True [True, False, True] False",
             "False [True, True, True] False",
             "True False",
             "[]",
             "TypeError a monitor is the Reference that monitor() gave, not 3",
             last
           ] = lines(program)

    assert last == "False" or last =~ ~r/^ValueError demonitor: .* is another process's$/
  end

  test "the runtime's own monitors for calls are never told" do
    program = """
    class Asker(Watcher):
        name = "asker"
        @receive("ask")
        def ask(self, message):
            ref = monitor(message)
            status, reason = call(message, "exit", "while asked", timeout=None)
            assert self.saw == []
            return status, reason, ref
    run_register_process(Asker)
    for _ in range(2):
        pid = worker()
        status, reason, ref = call("asker", "ask", pid)[1]
        print(status, reason in ("while asked", "noproc"))
        print([(down.ref == ref, down.pid == pid, down.reason) for down in saw(1, "asker")])
    pid = worker()
    print(call(pid, "sleep", 0.2, timeout=0.05))
    exit(pid, "boom")
    print(saw(0))
    """

    told = "[(True, True, 'while asked')]"

    assert lines(program) ==
             [
               "down True",
               told,
               "down True",
               told,
               "(<Status.TIMEOUT: 'timeout'>, None)",
               "[]"
             ]
  end

  test "a Down while its watcher waits comes after what it does" do
    program = """
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

    assert lines(program) == ["0 50 True"]
  end

  test "storms: 3,000 monitors of one process, and one monitor of 3,000" do
    program = """
    class Storm(Watcher):
        name = "storm"
        @receive("many")
        def many(self, message):
            return [monitor(message) for _ in range(3000)]
        @receive("each")
        def each(self):
            both = [spawn_monitor(len, ()) for _ in range(3000)]
            return [ref for _, ref in both]
        @receive("taken back")
        def taken_back(self, message):
            for _ in range(3000):
                demonitor(monitor(message))
    run_register_process(Storm)
    pid = worker()
    call("storm", "saw")
    call("watcher", "saw")
    before = counts()
    refs = call("storm", "many", pid, timeout=60)[1]
    call("storm", "taken back", pid, timeout=60)
    exit(pid, "storm")
    while is_alive(pid):
        pass
    downs = saw(3000, "storm")
    print(len(downs), {down.ref for down in downs} == set(refs), {down.reason for down in downs})
    refs = call("storm", "each", timeout=60)[1]
    downs = saw(3000, "storm")
    print(len(downs), {down.ref for down in downs} == set(refs), {down.reason for down in downs})
    before["actors"] -= 1  # the worker
    print(settled(before))
    """

    assert lines(program) == ["3000 True {'storm'}", "3000 True {'normal'}", "baseline"]
  end
end
