defmodule Rebeam.Run.ThreadTest do
  # Plain threads of the user's, beside actors, in actors, and calling them.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors """
  import asyncio, concurrent.futures, queue, threading, time
  from rebeam import *
  from baseline import counts, settled

  class Counter(GenPy):
      def __init__(self, name):
          self.name = name
          self.total = 0
          self.sources = set()
      @receive("add")
      def add(self, message, source):
          sleep(0)
          self.total += message
          self.sources.add(source)
          return self.total
      @receive("get")
      def get(self):
          return self.total
      @receive("double")
      def double(self, message):
          return message * 2

  run_register_process(Counter("counter"))
  """

  test "threads of the body call and cast, many at once" do
    program = """
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

    assert Program.lines!(@actors <> program) == ["True", "2000", "baseline"]
  end

  test "threads of an actor call others, and the actor itself" do
    program = """
    class Owner(GenPy):
        name = "owner"
        def __init__(self):
            self.results = queue.Queue()
        @receive("start")
        def begin(self, message):
            # A name, as ProcessID() in a thread is nobody's.
            threads = [threading.Thread(target=self.work, args=(n,)) for n in range(message)]
            [each.start() for each in threads]
            return len(threads)
        def work(self, n):
            sleep(0.01)
            self.results.put((n, call("counter", "double", n)[1], call("owner", "echo", n)[1]))
        @receive("echo")
        def echo(self, message):
            return message
        @receive("pool")
        def pool(self, message):
            # The handler holds its thread until all are done: they cannot call it meanwhile.
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                return list(pool.map(lambda n: call("counter", "double", n)[1], range(message)))

    owner = Owner()
    run_register_process(owner)
    before = counts()
    print(call("owner", "start", 10))
    print(sorted(owner.results.get(timeout=60) for _ in range(10)) == [(n, n * 2, n) for n in range(10)])
    print(call("owner", "pool", 5))
    print(settled(before))
    """

    assert Program.lines!(@actors <> program) == [
             "(<Status.OK: 'ok'>, 10)",
             "True",
             "(<Status.OK: 'ok'>, [0, 2, 4, 6, 8])",
             "baseline"
           ]
  end

  test "threads of the user's go on while actors run, and see the same objects" do
    program = """
    seen = []
    stop = threading.Event()
    def background():
        while not stop.is_set():
            seen.append(len(seen))
            time.sleep(0.001)
    thread = threading.Thread(target=background)
    def drive():
        for n in range(200):
            call("counter", "add", 1)
        while len(seen) < 20:
            sleep(0.01)
        stop.set()
        print(call("counter", "get")[1], seen[:3])
    def main():
        thread.start()
        return Supervisor(modules=[child(drive, restart="transient", significant=True)])
    main()
    """

    assert Program.lines!(@actors <> program) == ["200 [0, 1, 2]"]
  end

  test "an event loop in a thread, in the body, and in a function child" do
    program = """
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

    assert Program.lines!(@actors <> program) == ["[[0, 2, 4, 6, 8]] [0, 2, 4]", "[0, 2, 4, 6]"]
  end

  test "locks, queues and conditions between threads and actors" do
    program = """
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

    assert Program.lines!(@actors <> program) == ["[0, 2, 4, 6, 8] 0", "[0, 1, 2, 3, 4]"]
  end

  test "context variables and thread-local data of one handler do not show in the next" do
    program = """
    import contextvars, decimal
    variable = contextvars.ContextVar("variable", default="default")
    class Setter(GenPy):
        def __init__(self, number):
            self.number = number
        @receive("set")
        def set(self):
            seen = variable.get()
            variable.set(self.number)
            decimal.getcontext().prec = self.number + 5
            sleep(0.01)
            return seen, variable.get(), decimal.getcontext().prec
    setters = [run_register_process(Setter(n)) for n in range(5)]
    for each in setters:
        cast(each, "set")
    print([call(each, "set")[1][1:] for each in setters])
    print(variable.get(), decimal.getcontext().prec)
    """

    assert Program.lines!(@actors <> program) == [
             "[(0, 5), (1, 6), (2, 7), (3, 8), (4, 9)]",
             "default 28"
           ]
  end

  # Many an interpreter imports threading at its start, for a .pth of its site-packages: a bare
  # environment has none.
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
