defmodule Rebeam.Actor.ExitTest do
  # Exit signals: the same fate for the same reason as in OTP.
  use ExUnit.Case, async: true

  import Rebeam.Judge, only: [lines: 1, python: 1, run: 1]

  alias Rebeam.Otp

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

    assert %{status: 1, out: out, err: err} = run(program)
    sent = "True True\n"
    assert out == sent <> sent <> sent <> "(<Status.OK: 'ok'>, None) (<Status.OK: 'ok'>, True)\n"
    # The body may still say that it was cut off.
    assert String.ends_with?(err, "rebeam: the script's process ended: killed\n")
  end
end
