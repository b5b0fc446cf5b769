defmodule Rebeam.LinkTest do
  # Links and exit signals: the same reasons, to the same processes, as in OTP.
  use ExUnit.Case, async: true

  alias Rebeam.{Otp, Program}

  # Each kind of process that a signal may meet, and one that watches what becomes of it.
  @preamble """
  import threading
  from rebeam import *
  from baseline import counts, settled

  class Plain(GenPy):
      def __init__(self):
          self.saw = []
      @receive("do")
      def do(self, message):
          verb, *rest = message
          return globals()[verb](*rest)
      @receive("seen")
      def seen(self):
          return self.saw
      @receive("wait")
      def wait(self, message):
          sleep(message)
      @info()
      def note(self, message):
          self.saw.append(message.reason if isinstance(message, (Exit, Down)) else message)

  class Stopping(Plain):
      @stop()
      def cleanup(self, reason):
          print("stop", reason)

  class Trapping(Plain):
      @start()
      def begin(self):
          assert trap_exit(True) is False

  class StoppingTrap(Trapping):
      @stop()
      def cleanup(self, reason):
          print("stop", reason)

  def exit_self(reason):
      exit(self_pid(), reason)
      if reason != "normal" and not trap_exit(True):
          print("went on behind its end")

  def linked_end(reason):
      spawn_link(end, reason)

  def end(reason):
      exit(self_pid(), reason)
      sleep(10)

  def link_to_dead():
      dead, ref = spawn_monitor(len, ())
      while is_alive(dead):
          sleep(0.001)
      demonitor(ref)
      link(dead)

  class Judge(GenPy):
      name = "judge"
      def __init__(self):
          self.downs = {}
      @receive("watch")
      def watch(self, message):
          monitor(message)
      @receive("fate")
      def fate(self, message):
          return self.downs.get(message, "alive")
      @info()
      def note(self, message):
          self.downs[message.pid] = message.reason

  def begin(kind):
      pid = run_register_process(child(kind, restart="temporary"))
      call("judge", "watch", pid)
      return pid

  def fate(pid):
      sleep(0.05)
      seen = call(pid, "seen")[1] if is_alive(pid) and pid not in functions else []
      return call("judge", "fate", pid)[1], seen

  functions = set()
  run_register_process(Judge)

  """

  defp lines(program, options \\ []), do: Program.lines!(@preamble <> program, options)
  defp python({fate, seen}), do: "('#{fate}', [#{Enum.map_join(seen, ", ", &"'#{&1}'")}])"

  @reasons [{"boom", "boom"}, {"normal", :normal}, {"shutdown", :shutdown}, {"kill", :kill}]

  test "an exit signal from another process" do
    program = """
    for kind in (Plain, Trapping):
        for reason in ("boom", "normal", "shutdown", "kill"):
            pid = begin(kind)
            assert exit(pid, reason)
            print(fate(pid))
    """

    assert lines(program) ==
             for(
               trap? <- [false, true],
               {_, reason} <- @reasons,
               do: python(Otp.signal(:other, trap?, reason))
             )
  end

  test "@stop and functions end in order, but with the same reason as without" do
    program = """
    def rest(trap):
        trap_exit(trap)
        call("judge", "watch", self_pid())
        try:
            sleep(10)
        except ActorExit:
            print("cut off")
            raise
    for reason in ("boom", "normal", "shutdown", "kill"):
        pid = begin(Stopping)
        exit(pid, reason)
        print(fate(pid))
        for trap in (False, True):
            pid = spawn(rest, trap)
            functions.add(pid)
            sleep(0.05)
            exit(pid, reason)
            print(fate(pid)[0])
            exit(pid, "kill")
            sleep(0.02)
    """

    assert lines(program) == [
             "stop boom",
             "('boom', [])",
             "cut off",
             "boom",
             "alive",
             "cut off",
             "('alive', [])",
             "alive",
             "cut off",
             "alive",
             "cut off",
             "stop shutdown",
             "('shutdown', [])",
             "cut off",
             "shutdown",
             "alive",
             "cut off",
             "('killed', [])",
             "cut off",
             "killed",
             "cut off",
             "killed",
             "stop shutdown"
           ]
  end

  test "an exit signal to oneself: nothing behind it runs" do
    program = """
    for kind in (Plain, Trapping):
        for reason in ("boom", "normal", "shutdown", "kill"):
            pid = begin(kind)
            cast(pid, "do", ("exit_self", reason))
            print(fate(pid))
    pid = begin(Stopping)
    cast(pid, "do", ("exit_self", "normal"))
    print(fate(pid))
    """

    assert lines(program) ==
             for(
               trap? <- [false, true],
               {_, reason} <- @reasons,
               do: python(Otp.signal(:self, trap?, reason))
             ) ++ ["stop normal", "('normal', [])"]
  end

  test "the end of a linked process" do
    program = """
    for kind in (Plain, Trapping):
        for reason in ("boom", "normal", "shutdown", "kill"):
            pid = begin(kind)
            cast(pid, "do", ("linked_end", reason))
            print(fate(pid))
    """

    otp =
      for trap? <- [false, true], {_, reason} <- @reasons do
        if reason == :kill, do: Otp.linked_to_killed(trap?), else: Otp.linked(trap?, reason)
      end

    assert lines(program) == Enum.map(otp, &python/1)
  end

  test "a link to a process that is gone is the signal noproc" do
    program = """
    for kind in (Plain, Trapping, Stopping):
        pid = begin(kind)
        cast(pid, "do", ("link_to_dead",))
        print(fate(pid))
    """

    assert lines(program) ==
             [python(Otp.link_to_dead(false)), python(Otp.link_to_dead(true))] ++
               ["stop noproc", "('noproc', [])"]
  end

  test "a failure goes through a chain of links, with its traceback" do
    program = """
    def fail():
        sleep(0.05)
        raise ValueError("deep")
    chain = [begin(Stopping if n % 2 else Plain) for n in range(4)]
    for left, right in zip(chain, chain[1:]):
        call(left, "do", ("link", right))
    bystander = begin(Plain)
    call(bystander, "do", ("link", chain[2]))
    call(bystander, "do", ("unlink", chain[2]))
    call(chain[0], "do", ("spawn_link", fail))
    sleep(0.2)
    for pid in chain:
        end, _ = fate(pid)
        print(end.splitlines()[0], end.splitlines()[-1])
    print(is_alive(bystander))
    """

    result = Program.run(@preamble <> program)
    fate = "Traceback (most recent call last): ValueError: deep\n"
    assert result.status == 0
    assert result.out =~ String.duplicate(fate, 4) <> "True\n"
    # Once, by the process whose failure it was.
    assert [_, _] = String.split(result.err, "ValueError: deep")
    refute result.err =~ "terminating"
  end

  test "a parent's shutdown is not trapped; @stop runs" do
    program = """
    pid = begin(StoppingTrap)
    exit(pid, "shutdown")
    print(fate(pid))
    """

    assert lines(program) == ["('alive', ['shutdown'])", "stop shutdown"]
  end

  test "trap_exit says what was set, and can be taken back" do
    program = """
    for kind in (Plain, Stopping):
        pid = begin(kind)
        print([call(pid, "do", ("trap_exit", flag))[1] for flag in (True, True, False, False)])
        exit(pid, "boom")
        print(fate(pid))
    """

    flags = "[False, True, True, False]"

    assert lines(program) == [flags, "('boom', [])", flags, "stop boom", "('boom', [])"]
  end

  test "a signal cuts a call short: finally blocks run, the caller hears why" do
    program = """
    class Cut(Plain):
        name = "cut"
        @receive("ask")
        def ask(self, message):
            spawn_link(self.fail)
            try:
                return call(message, "wait", 10, timeout=None)
            finally:
                print("finally")
        def fail(self):
            sleep(0.05)
            exit(self_pid(), "cut it")
    class CutStop(Cut):
        @stop()
        def cleanup(self, reason):
            print("stop", reason)
    slow = begin(Plain)
    for kind in (Cut, CutStop):
        pid = begin(kind)
        print(*call(pid, "ask", slow))
        sleep(0.1)
    """

    assert lines(program) |> Enum.sort() ==
             Enum.sort(["finally", "down cut it", "finally", "stop cut it", "down cut it"])
  end

  test "signals that come while a handler waits are handled after it, one at a time, in order" do
    program = """
    class Waiting(GenPy):
        name = "waiting"
        def __init__(self):
            self.saw = []
        @receive("go")
        def go(self):
            trap_exit()
            for n in range(5):
                spawn_link(end, f"reason {n}")
                sleep(0.02)
            sleep(0.1)
            return len(self.saw)
        @info()
        def note(self, message):
            self.saw.append(f"{message.reason} begins")
            sleep(0.01)
            self.saw.append(f"{message.reason} over")
        @receive("seen")
        def seen(self):
            return self.saw
    begin(Waiting)
    print(call("waiting", "go")[1])
    print(*call("waiting", "seen")[1], sep="\\n")
    """

    expected = for n <- 0..4, what <- ["begins", "over"], do: "reason #{n} #{what}"
    assert lines(program) == ["0" | expected]
  end

  test "signals during @start" do
    program = """
    class Early(Plain):
        def __init__(self, way, trap=False):
            self.way, self.trap = way, trap
            super().__init__()
        @start()
        def begin(self):
            trap_exit(self.trap)
            if self.way == "self":
                exit(self_pid(), "early")
            else:
                spawn_link(end, "early")
            sleep(0.1)
            self.saw.append("started")
    class EarlyStop(Early):
        @stop()
        def cleanup(self, reason):
            print("never started, so never stopped")
    for way in ("self", "linked"):
        for kind in (Early, EarlyStop):
            try:
                run_register_process(kind(way))
            except RuntimeError as error:
                print(error)
            else:
                print("started")
        pid = run_register_process(child(Early(way, True), restart="temporary"))
        call("judge", "watch", pid)
        print(fate(pid))
    """

    once = ["early", "early", "('alive', ['started', 'early'])"]
    assert lines(program) == once ++ once
  end

  test "bad targets and reasons; where no signals arrive" do
    program = """
    def attempt(function, *args):
        try:
            print(function(*args))
        except Exception as error:
            print(type(error).__name__, error)
    pid = begin(Plain)
    for args in ((pid, 3), (pid, None), (pid, b"x"), (3,), (3.5,), ("nobody", "boom")):
        attempt(exit, *args)
    print(call(pid, "do", ("exit", "nobody", "x")))
    class Caller(GenPy):
        name = "caller"
        @receive("all")
        def all(self):
            attempt(link, "nobody")
            attempt(unlink, "nobody")
            attempt(link, 3.5)
            attempt(link, self_pid())
            attempt(exit, self_pid(), "\\ud800")
    begin(Caller)
    call("caller", "all")
    attempt(link, pid)
    def thread():
        attempt(unlink, pid)
        attempt(trap_exit)
    other = threading.Thread(target=thread)
    other.start()
    other.join()
    """

    nowhere = "works in actors and spawned functions: here is no process that takes signals"
    script = "rebeam.exit(target, reason) ends a process; sys.exit ends a script"

    assert [
             "TypeError an exit reason is a str, not 3",
             "TypeError an exit reason is a str, not None",
             "TypeError an exit reason is a str, not b'x'",
             "TypeError " <> ^script,
             "TypeError no target: 3.5",
             "False",
             "(<Status.OK: 'ok'>, False)",
             "ValueError link: no process is registered as \"nobody\"",
             "None",
             "TypeError no target: 3.5",
             "None",
             "UnicodeEncodeError " <> _,
             "RuntimeError link " <> ^nowhere,
             "RuntimeError unlink " <> ^nowhere,
             "RuntimeError trap_exit " <> ^nowhere
           ] = lines(program)
  end

  test "without @info, signals are dropped; in @stop they change nothing" do
    program = """
    class Deaf(GenPy):
        @receive("do")
        def do(self):
            trap_exit()
            for _ in range(3):
                spawn_link(end, "boom")
                spawn_monitor(end, "boom")
            sleep(0.1)
            return "lives"
    class Last(Plain):
        @stop()
        def cleanup(self, reason):
            print("stop", reason, exit(self_pid(), "late"), flush=True)
            spawn_link(end, "boom")
            sleep(0.1)
            print(reason, trap_exit(True), is_alive(self_pid()))
    deaf = begin(Deaf)
    print(call(deaf, "do"), call(deaf, "do"))
    pid = begin(Last)
    exit(pid, "boom")
    sleep(0.3)
    print(call("judge", "fate", pid))
    begin(Last)
    """

    lives = "(<Status.OK: 'ok'>, 'lives')"

    assert lines(program) ==
             ["#{lives} #{lives}", "stop boom True", "boom False True"] ++
               ["(<Status.OK: 'ok'>, 'boom')", "stop shutdown True", "shutdown False True"]
  end

  test "the script's own process: signals do not end it, and killed, it ends the program" do
    program = """
    me = self_pid()
    for reason in ("boom", "normal", "shutdown"):
        print(exit(me, reason), exit(self_pid(), reason))
    pid = begin(Plain)
    print(call(pid, "do", ("link", me)), call(pid, "do", ("exit", me, "boom")), flush=True)
    spawn(exit, me, "kill")
    sleep(60)
    """

    assert %{status: 1, out: out, err: err} = Program.run(@preamble <> program)
    sent = "True True\n"
    assert out == sent <> sent <> sent <> "(<Status.OK: 'ok'>, None) (<Status.OK: 'ok'>, True)\n"
    assert err == "rebeam: the script's process ended: killed\n"
  end

  test "storms: what is linked with one that dies, dies, and nothing stays" do
    program = """
    def rest():
        sleep(60)
    class Hub(GenPy):
        @receive("go")
        def go(self, message):
            pids = [spawn_link(rest) for _ in range(message)]
            for pid in pids:
                unlink(pid)
                link(pid)
            return pids
    before = counts()
    for _ in range(3):
        hub = begin(Hub)
        pids = call(hub, "go", 1000, timeout=60)[1]
        exit(pids[500], "storm")
        while any(is_alive(pid) for pid in pids):
            sleep(0.01)
        print(fate(hub)[0])
    del pids, hub
    print(settled(before))
    """

    assert lines(program) == ["storm", "storm", "storm", "baseline"]
  end
end
