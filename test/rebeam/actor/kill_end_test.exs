defmodule Rebeam.Actor.KillEndTest do
  # Code whose actor was killed: it gets ActorExit wherever it is, and nothing else does.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # `killed(work, message)` lets an actor begin, kills it, and says when no code of it runs.
  @prelude """
  import asyncio, os, threading, time
  from rebeam import ActorExit, GenPy, call_many, cast, child, exit, receive, run_register_process, sleep
  from rebeam._runtime import rebeam_info

  def busy(seconds):
      end = time.monotonic() + seconds
      while time.monotonic() < end:
          pass

  def over():
      for _ in range(200):
          info = rebeam_info()
          if info["abandoned"] == info["detached"] == info["suspended"] == 0:
              return "over"
          sleep(0.05)
      return info

  def killed(kind, *work):
      pid = run_register_process(child(kind(), restart="temporary"))
      for subject, message in work:
          cast(pid, subject, message)
      sleep(0.3)
      exit(pid, "kill")
      sleep(0.1)
      return over()

  """

  defp lines(program), do: Program.lines!(@prelude <> program)

  test "code that waits, suspended or on its thread, and goes on computing" do
    program = """
    class Stubborn(GenPy):
        @receive("suspended")
        def suspended(self):
            try:
                sleep(100)
            except ActorExit:
                while True:
                    pass
        @receive("on its thread")
        def waiting(self):
            try:
                list(map(sleep, [100]))
            except ActorExit:
                while True:
                    pass
        @receive("asyncio.run")
        def running(self):
            async def main():
                try:
                    sleep(100)
                except ActorExit:
                    while True:
                        pass
            asyncio.run(main())
    for how in ("suspended", "on its thread", "asyncio.run"):
        print(how, killed(Stubborn, (how, None)))
    """

    assert lines(program) == ["suspended over", "on its thread over", "asyncio.run over"]
  end

  test "what ends a wait is not followed at once by a second ActorExit" do
    program = """
    class Tidy(GenPy):
        @receive("suspended")
        def suspended(self):
            try:
                sleep(100)
            finally:
                busy(0.25)
                print("suspended", flush=True)
        @receive("on its thread")
        def waiting(self):
            try:
                list(map(sleep, [100]))
            finally:
                busy(0.25)
                print("on its thread", flush=True)
        @receive("asyncio.run")
        def running(self):
            async def main():
                try:
                    sleep(100)
                finally:
                    busy(0.25)
                    print("asyncio.run", flush=True)
            asyncio.run(main())
    for how in ("suspended", "on its thread", "asyncio.run"):
        print(killed(Tidy, (how, None)))
    """

    assert lines(program) ==
             ["suspended", "over", "on its thread", "over", "asyncio.run", "over"]
  end

  test "a message whose end takes long belongs to its handler" do
    program = """
    class Slow:
        def __reduce__(self):
            return Slow, ()
        def __del__(self):
            if threading.current_thread() is not threading.main_thread():
                threading.Event().wait(0.1)
    class Next(GenPy):
        @receive("take")
        def take(self, message):
            pass
        @receive("compute")
        def compute(self):
            while True:
                pass
    print(killed(Next, ("take", Slow()), ("compute", None)))
    """

    assert lines(program) == ["over"]
  end

  test "what killed code leaves on its thread, nobody else finds there" do
    program = """
    class Runner(GenPy):
        @receive("for ever")
        def for_ever(self):
            async def main():
                while True:
                    try:
                        busy(100)
                    except ActorExit:
                        pass
            asyncio.run(main())
        @receive("once")
        def once(self):
            async def main():
                busy(0.05)
            asyncio.run(main())
    print(killed(Runner, ("for ever", None)))
    runners = [run_register_process(child(Runner(), restart="temporary")) for _ in range(10)]
    print(*[status for status, _ in call_many([(pid, "once") for pid in runners])])
    """

    # Python says on its errors what it could not raise.
    assert %{status: 0, out: "over\n" <> answers} = Program.run(@prelude <> program)
    assert String.split(answers) == List.duplicate("ok", 10)
  end

  # Where CPython 3.11 gives a thread that is being made the id of its maker.
  test "threads that killed code starts are not hit in its place" do
    program = """
    class Maker(GenPy):
        @receive("make")
        def make(self):
            while True:
                threading.Thread(target=int).start()
    for _ in range(25):
        pids = [run_register_process(child(Maker(), restart="temporary")) for _ in range(4)]
        for pid in pids:
            cast(pid, "make")
        sleep(0.01)
        for pid in pids:
            exit(pid, "kill")
    print(over())
    """

    assert %{status: 0, out: "over\n", err: err} = Program.run(@prelude <> program)
    refute err =~ "thread started by"
  end

  test "an awaitable of ours, driven by hand, refuses throw() without an exception" do
    program = """
    async def wait():
        sleep(10)
    async def main():
        waiting = wait()
        waiting.send(None)
        try:
            waiting.cr_await.throw()
        except TypeError as error:
            print(error)
    asyncio.run(main())
    """

    assert lines(program) == ["throw() needs an exception"]
  end
end
