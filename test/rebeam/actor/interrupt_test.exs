defmodule Rebeam.Actor.InterruptTest do
  # call(..., interrupt=True): when its time is over, so is the target's work on that message,
  # and on no other.
  use ExUnit.Case, async: true

  alias Rebeam.InterruptProgram

  @crashed InterruptProgram.crashed()

  test "code that computes, waits suspended, on its thread or in asyncio ends, and @stop runs" do
    program = """
    class Target(Base):
        @receive("loop")
        def loop(self):
            while True:
                pass
        @receive("sleep")
        def sleeps(self):
            sleep(100)
        @receive("thread")
        def thread(self):
            sorted([1, 2], key=lambda n: sleep(100))
        @receive("call")
        def calls(self):
            call("silent", "x", timeout=None)
        @receive("async")
        async def task(self):
            await asyncio.sleep(100)
        @receive("async loop")
        async def computes(self):
            while True:
                pass

    class Silent(GenPy):
        name = "silent"
        @receive("x")
        def x(self):
            return no_reply()

    def main():
        run_register_process(Silent)
        run_register_process(Supervisor([Target], max_restarts=100))
        before = counts()
        for subject in ("loop", "sleep", "thread", "call", "async", "async loop"):
            print(interrupted(subject), free(), flush=True)
        print(settled(before), flush=True)
    last(main)
    """

    expected =
      for subject <- ["loop", "sleep", "thread", "call", "async", "async loop"],
          line <- [@crashed, "#{subject} True"],
          do: line

    assert %{status: 0, out: out, err: err} = InterruptProgram.run(program)
    assert String.split(out, "\n", trim: true) -- ["shutdown"] == expected ++ ["baseline"]
    assert err =~ ~r/actor Target .* crashed in @receive\("loop"\)/
    assert err =~ ~r/line \d+, in loop\n/
  end

  test "what swallows it, or is stuck in C, is cut off in a second: fenced, counted, replaced" do
    program = """
    libc = ctypes.CDLL(None)

    class Target(Base):
        @receive("swallow")
        def swallow(self):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        @receive("recurse")
        def recurse(self, depth=0):
            try:
                return self.recurse()
            finally:
                self.recurse()
        @receive("async swallow")
        async def task(self):
            while True:
                try:
                    await asyncio.sleep(100)
                except BaseException:
                    pass
        @receive("stuck")
        def stuck(self):
            end = time.monotonic() + 2.5
            while (left := end - time.monotonic()) > 0:
                try:
                    libc.usleep(int(left * 1e6))
                except BaseException:
                    pass
            cast("sink", "note", "from the dead")
            os.write(1, b"late")
            return "late"

    class Sink(GenPy):
        name = "sink"
        @receive("note")
        def note(self, message):
            print("heard", message, flush=True)

    def main():
        run_register_process(Sink)
        run_register_process(Supervisor([Target], max_restarts=100))
        before = counts()
        for subject in ("swallow", "recurse", "async swallow", "stuck"):
            begin = time.monotonic()
            echo = interrupted(subject)
            print(echo, 1.0 <= time.monotonic() - begin < 5, flush=True)
            print(free(), flush=True)
        print(settled(before), flush=True)
    last(main)
    """

    assert %{status: 0, out: out, err: err} = InterruptProgram.run(program)

    assert String.split(out, "\n", trim: true) -- ["shutdown"] ==
             ["swallow True", "True", "recurse True", "True", "async swallow True", "True"] ++
               ["stuck True", "True", "baseline"]

    assert length(String.split(err, "was interrupted\nCallInterrupted: its caller")) == 5
  end

  test "a handler that catches it, puts things right and ends keeps its actor" do
    program = """
    class Target(Base):
        def __init__(self):
            self.half = 0
        def guarded(self, work):
            self.half += 1
            try:
                work()
            except CallInterrupted as error:
                sleep(0.1)              # it may wait, and ask others
                assert call("helper", "x") == ("ok", "help")
                self.half -= 1
                return str(error)
        @receive("loop")
        def loop(self):
            def work():
                while True:
                    pass
            return self.guarded(work)
        @receive("sleep")
        def sleeps(self):
            return self.guarded(lambda: sleep(100))
        @receive("thread")
        def thread(self):
            return self.guarded(lambda: sorted([1, 2], key=lambda n: sleep(100)))
        @receive("async")
        async def task(self):
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                return "gone"
        @receive("half")
        def half_done(self):
            return self.half

    class Helper(GenPy):
        name = "helper"
        @receive()
        def help(self):
            return "help"

    def main():
        run_register_process(Helper)
        pid = run_register_process(Target)
        for subject in ("loop", "sleep", "thread", "async"):
            print(call("target", subject, timeout=0.2, interrupt=True), end=" ")
            print(call("target", "half"), whereis("target") == pid, flush=True)
    last(main)
    """

    line = "(<Status.TIMEOUT: 'timeout'>, None) (<Status.OK: 'ok'>, 0) True"
    assert InterruptProgram.lines!(program) == List.duplicate(line, 4)
  end

  test "what waits in the queue is withdrawn; without interrupt nothing changes" do
    program = """
    over = []

    class Target(Base):
        mailbox_limit = 3
        def __init__(self):
            self.got = []
        @receive("busy")
        def busy(self):
            while not over:
                pass
            over.clear()
        @receive("note")
        def note(self, message):
            self.got.append(message)
        @receive("got")
        def all(self):
            return self.got

    def main():
        pid = run_register_process(Target)
        cast("target", "busy")
        for n in range(20):  # each leaves its place in the mailbox
            assert call("target", "note", n, 0.02, interrupt=True) == ("timeout", None)
        requests = [("target", "note", "a"), ("target", "note", "b")]
        print(call_many(requests, 0.05, interrupt=True) == [("timeout", None)] * 2)
        print(list(map(lambda n: call("target", "note", n, 0.05, True)[0], [21])))
        call("target", "note", "kept", 0.05)
        over.append(1)
        print(call("target", "got"), whereis("target") == pid)
        call("target", "busy", timeout=0.05)
        over.append(1)  # it ends by itself
        print(call("target", "got"), whereis("target") == pid)
        print(call("target", "note", 1, interrupt=True), call("nobody", "x", interrupt=True))
        for wrong in (1, None, "yes"):
            try:
                call("target", "note", interrupt=wrong)
            except TypeError as error:
                print(error)
    last(main)
    """

    assert InterruptProgram.lines!(program) == [
             "True",
             "[<Status.TIMEOUT: 'timeout'>]",
             "(<Status.OK: 'ok'>, ['kept']) True",
             "(<Status.OK: 'ok'>, ['kept']) True",
             "(<Status.OK: 'ok'>, None) (<Status.DOWN: 'down'>, 'noproc')",
             "interrupt must be True or False, not 1",
             "interrupt must be True or False, not None",
             "interrupt must be True or False, not 'yes'"
           ]
  end

  test "the work that follows is never hit" do
    program = """
    class Target(Base):
        def __init__(self):
            self.n = 0
        @receive("work")
        def work(self, message):
            end = time.monotonic() + message
            while time.monotonic() < end:
                pass
        @receive("add")
        def add(self):
            for _ in range(300):
                self.n += 1
            return self.n

    def main():
        run_register_process(Supervisor([Target], max_restarts=10**6))
        good = hit = 0
        for round in range(120):
            before = call("target", "add")[1]
            # It ends by itself at about the same time.
            call("target", "work", 0.01, 0.0085 + round % 6 / 1000, interrupt=True)
            answers = call_many([("target", "add")] * 5)
            if answers[0][0] == "ok":
                good += answers == [("ok", before + 300 * k) for k in range(1, 6)]
            else:
                hit += all(status == "down" for status, _ in answers)
                until(lambda: call("target", "add")[0])
        print(good + hit, good > 0, free())
    last(main)
    """

    assert InterruptProgram.lines!(program) |> Enum.reject(&(&1 == @crashed)) == ["120 True True"]
  end
end
