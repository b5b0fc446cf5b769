defmodule Rebeam.Actor.KillEndTest do
  # Code whose actor was killed: it gets ActorExit wherever it is, and nothing else does.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # `killed(work, message)` lets an actor begin, kills it, and says when no code of it runs.
  @tag :slow
  test "code that waits, suspended or on its thread, and goes on computing" do
    assert Program.lines!("actor/kill_end/code_that_waits.py") == [
             "suspended over",
             "on its thread over",
             "asyncio.run over"
           ]
  end

  @tag :slow
  test "what ends a wait is not followed at once by a second ActorExit" do
    assert Program.lines!("actor/kill_end/what_ends_a_wait_is_not_followed_at_once.py") ==
             ["suspended", "over", "on its thread", "over", "asyncio.run", "over"]
  end

  @tag :slow
  test "a message whose end takes long belongs to its handler" do
    program = """
    import threading
    from rebeam import *
    from kill_end_actors import *
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
            begun.append(True)
            while True:
                pass
    print(killed(Next, ("take", Slow()), ("compute", None)))
    """

    assert Program.lines!(program) == ["over"]
  end

  @tag :slow
  test "what killed code leaves on its thread, nobody else finds there" do
    # Python says on its errors what it could not raise.
    assert %{status: 0, out: "over\n" <> answers} =
             Program.run("actor/kill_end/what_killed_code_leaves_on_its_thread.py")

    assert String.split(answers) == List.duplicate("ok", 10)
  end

  # Where CPython 3.11 gives a thread that is being made the id of its maker.
  @tag :slow
  test "threads that killed code starts are not hit in its place" do
    program = """
    import threading
    from rebeam import *
    from kill_end_actors import *
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

    assert %{status: 0, out: "over\n", err: err} = Program.run(program)
    refute err =~ "thread started by"
  end

  test "an awaitable of ours, driven by hand, refuses throw() without an exception" do
    program = """
    import asyncio
    from rebeam import sleep
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

    assert Program.lines!(program) == ["throw() needs an exception"]
  end
end
