defmodule Rebeam.Run.ThreadTest do
  # Plain threads of the user's, beside actors, in actors, and calling them.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "threads of the body call and cast, many at once" do
    program = """
    import threading
    from rebeam import *
    from baseline import counts, settled
    from thread_actors import *
    run_register_process(Counter("counter"))
    before = counts()
    answers = []
    def work(number):
        for n in range(100):
            answers.append((number, n, call("counter", "double", number * 100 + n)[1]))
            cast("counter", "add", 1)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    print(sorted(answers) == [(a, b, (a * 100 + b) * 2) for a in range(20) for b in range(100)])
    print(call("counter", "get")[1])
    print(settled(before))
    """

    assert Program.lines!(program) == ["True", "2000", "baseline"]
  end

  @tag :slow
  test "threads of an actor call others, and the actor itself" do
    assert Program.lines!("run/thread/threads_of_an_actor_call_others.py") == [
             "(<Status.OK: 'ok'>, 10)",
             "True",
             "(<Status.OK: 'ok'>, [0, 2, 4, 6, 8])",
             "baseline"
           ]
  end

  @tag :slow
  test "threads of the user's go on while actors run, and see the same objects" do
    assert Program.lines!("run/thread/threads_of_the_users_go_on_while_actors_run.py") == [
             "200 [0, 1, 2]"
           ]
  end

  @tag :slow
  test "an event loop in a thread, in the body, and in a function child" do
    program = """
    import asyncio, threading
    from rebeam import *
    from thread_actors import *
    run_register_process(Counter("counter"))
    async def ask(n):
        await asyncio.sleep(0.001)
        # A plain call holds the thread of the loop; in a thread it does not.
        return await asyncio.to_thread(lambda: call("counter", "double", n)[1])
    async def all(count):
        return await asyncio.gather(*[ask(n) for n in range(count)])
    results = []
    thread = threading.Thread(target=lambda: results.append(asyncio.run(all(5))))
    thread.start()
    thread.join()
    print(results, asyncio.run(all(3)))
    def drive():
        print(asyncio.run(all(4)))
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    assert Program.lines!(program) == ["[[0, 2, 4, 6, 8]] [0, 2, 4]", "[0, 2, 4, 6]"]
  end

  @tag :slow
  test "locks, queues and conditions between threads and actors" do
    program = """
    import queue, threading
    from rebeam import *
    from thread_actors import *
    run_register_process(Counter("counter"))
    lock, results = threading.Lock(), queue.Queue()
    class Locker(GenPy):
        @receive("take")
        def take(self, message):
            with lock:
                results.put(message)
            return message
    lockers = [run_register_process(Locker) for _ in range(5)]
    lock.acquire()
    for n, each in enumerate(lockers):
        cast(each, "take", n)
    # They wait for the lock; others run on.
    print([call("counter", "double", n)[1] for n in range(5)], results.qsize())
    lock.release()
    print(sorted(results.get(timeout=60) for _ in lockers))
    """

    assert Program.lines!(program) == ["[0, 2, 4, 6, 8] 0", "[0, 1, 2, 3, 4]"]
  end

  @tag :slow
  test "context variables and thread-local data of one handler do not show in the next" do
    assert Program.lines!("run/thread/context_variables_and_thread_local_data.py") == [
             "[(0, 5), (1, 6), (2, 7), (3, 8), (4, 9)]",
             "default 28"
           ]
  end

  # Many an interpreter imports threading at its start, for a .pth of its site-packages: a bare
  # environment has none.
  @tag :slow
  test "the main thread is known as such, whoever imports threading first; the end is orderly" do
    program = """
    from rebeam import *

    class Late(GenPy):
        name = "late"
        @receive("wait")
        async def wait(self):
            import asyncio, threading
            await asyncio.sleep(0.01)
            return threading.main_thread() is threading.current_thread()
    def main():
        print(call("late", "wait"))
    if __name__ == "__main__":
        Supervisor([Late(), child(main, restart="transient", significant=True)])
    """

    bare = Path.join(Program.folder(), "bare")
    made = System.cmd(Program.python().executable, ["-m", "venv", "--without-pip", bare])
    assert made == {"", 0}

    assert Program.lines!(program, options: ["--python", bare]) ==
             ["(<Status.OK: 'ok'>, False)"]
  end
end
