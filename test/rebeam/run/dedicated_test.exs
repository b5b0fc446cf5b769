defmodule Rebeam.Run.DedicatedTest do
  # child(..., thread="dedicated"): all code of an actor on one thread, which is its own.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @head """
  import asyncio, ctypes, os, sqlite3, sys, threading, time
  from rebeam import *
  from rebeam._runtime import rebeam_info
  from baseline import counts, settled

  def until(condition, seconds=60):
      end = time.monotonic() + seconds
      while not condition():
          if time.monotonic() > end:
              return False
          sleep(0.01)
      return True

  def threads():
      return len(os.listdir("/proc/self/task"))

  def dedicated(item, **options):
      options.setdefault("restart", "temporary")
      return run_register_process(child(item, thread="dedicated", **options))

  class Echo(GenPy):
      name = "echo"
      @receive()
      def echo(self, message):
          return message

  class Base(GenPy):
      def here(self):
          self.seen.add(threading.get_ident())
      @receive("seen")
      def all(self):
          self.here()
          return self.seen

  def last(function):
      Supervisor(modules=[child(function, restart="transient", significant=True)])
  """

  defp lines(program), do: Program.lines!(@head <> "\n" <> program)

  test "constructor, @start, handlers, what is resumed, @info, @idle, @stop and __del__" do
    program = """
    class Note:
        def __del__(self):
            print("freed on", "the same" if threading.get_ident() == self.thread else "another",
                  flush=True)

    class Actor(Base):
        def __init__(self):
            self.seen = {threading.get_ident()}
            self.note = Note()
            self.note.thread = threading.get_ident()
            self.local = threading.local()
            self.local.n = 0
        @start()
        def boot(self):
            self.here()
            sleep(0.01)
            self.here()
        @start(continues=True)
        def later(self):
            self.here()
        @receive("work")
        def work(self, message):
            self.here()
            sleep(0.01)
            self.here()
            call("echo", "x")
            self.here()
            list(map(lambda n: call("echo", "x"), range(2)))
            with_self = [self.deep(3) for _ in range(2)]
            self.here()
            try:
                sleep(0)
            finally:
                self.here()
            asyncio.run(self.task())
            self.local.n += 1
            return self.local.n
        def deep(self, n):
            return self.deep(n - 1) if n else call("echo", "x")
        async def task(self):
            self.here()
            await asyncio.gather(*[call_async("echo", "x", n) for n in range(5)])
            call("echo", "x")
            self.here()
        @info()
        def note_it(self, message):
            self.here()
            call("echo", "x")
            self.here()
        @idle(0.05)
        def rest(self):
            self.here()
        @stop()
        def end(self, reason):
            self.here()
            sleep(0.01)
            self.here()
            print("stopped after", len(self.seen), flush=True)

    def main():
        run_register_process(Echo)
        before = counts(), rebeam_info()["dedicated"], threads()
        pids = [dedicated(Actor) for _ in range(3)]
        print(rebeam_info()["dedicated"] - before[1])
        for _ in range(2):
            answers = call_many([(pid, "work") for pid in pids], 60)
            send(pids[0], "hello")
            sleep(0.2)
        print(answers == [("ok", 2)] * 3)
        seen = [call(pid, "seen")[1] for pid in pids]
        print([len(each) for each in seen], len(set.union(*seen)), flush=True)
        for pid in pids:
            stop_process(pid)
        print(settled(before[0]), until(lambda: rebeam_info()["dedicated"] == before[1]))
    last(main)
    """

    program = "from rebeam._children import stop_process\n" <> program

    assert lines(program) ==
             ["3", "True", "[1, 1, 1] 3"] ++
               List.flatten(List.duplicate(["stopped after 1", "freed on the same"], 3)) ++
               ["baseline True"]
  end

  test "sqlite3 with check_same_thread, an instance with arguments, functions, state machines" do
    program = """
    class Store(GenPy):
        name = "store"
        def __init__(self, path):
            self.db = sqlite3.connect(path, check_same_thread=True)
            self.db.execute("create table t (n)")
        @receive("add")
        def add(self, message):
            self.db.execute("insert into t values (?)", (message,))
            call("echo", "x")
            return self.db.execute("select sum(n) from t").fetchone()[0]

    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "idle"
        def __init__(self):
            self.thread = threading.get_ident()
        @event("go")
        def go(self):
            call("echo", "x")
            return threading.get_ident() == self.thread

    def function():
        first = threading.get_ident()
        sleep(0.05)
        call("echo", "x")
        cast("echo", "x")
        print("function", threading.get_ident() == first, flush=True)

    def main():
        run_register_process(Echo)
        run_register_process(Supervisor([child(Store(":memory:"), thread="dedicated")]))
        print([call("store", "add", n)[1] for n in (1, 2, 3)])
        exit(whereis("store"), "kill")
        until(lambda: call("store", "add", 10)[0])
        print(call("store", "add", 20))
        dedicated(Machine)
        print(call("machine", "go"))
        dedicated(function)
        print(until(lambda: rebeam_info()["dedicated"] == 2))
    last(main)
    """

    assert lines(program) == [
             "[1, 3, 6]",
             "(<Status.OK: 'ok'>, 30)",
             "(<Status.OK: 'ok'>, True)",
             "function True",
             "True"
           ]
  end

  test "threads stay as many over restarts; kill and interrupt end what runs there" do
    program = """
    libc = ctypes.CDLL(None)

    class Actor(GenPy):
        name = "actor"
        @receive("loop")
        def loop(self):
            while True:
                pass
        @receive("swallow")
        def swallow(self):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        @receive("sleep")
        def sleeps(self):
            sleep(100)
        @receive("thread")
        def thread(self):
            list(map(sleep, [100]))
        @receive("run")
        def run(self):
            async def wait():
                sleep(100)
            asyncio.run(wait())
        @receive("stuck")
        def stuck(self, message):
            end = time.monotonic() + message
            while (left := end - time.monotonic()) > 0:
                libc.usleep(int(left * 1e6))
            cast("echo", "from the dead")
        @receive("crash")
        def crash(self):
            raise SystemExit
        @receive("echo")
        def echo(self, message):
            return message

    def gone():
        return until(lambda: rebeam_info()["dedicated"] == 1 and rebeam_info()["abandoned"] == 0)

    def again(before):
        return until(lambda: whereis("actor") not in (None, before)) and call("actor", "echo", 1)[1]

    def main():
        run_register_process(Echo)
        item = child(Actor, thread="dedicated", shutdown="brutal_kill")
        run_register_process(Supervisor([item], max_restarts=10**6))
        before, running = counts(), threads()
        for n in range(100):
            pid = whereis("actor")
            cast("actor", "crash")
            again(pid)
        print(gone(), settled(before), flush=True)
        for subject in ("loop", "swallow", "sleep", "thread", "run"):
            pid = whereis("actor")
            cast(pid, subject)
            sleep(0.1)
            exit(pid, "kill")
            print(subject, again(pid), gone(), flush=True)
        for subject in ("loop", "swallow", "sleep", "thread", "run"):
            pid = whereis("actor")
            call(pid, subject, None, 0.1, interrupt=True)
            print(subject, again(pid), gone(), flush=True)
        pid = whereis("actor")
        cast(pid, "stuck", 2)
        sleep(0.1)
        exit(pid, "kill")
        print(again(pid), rebeam_info()["dedicated"], rebeam_info()["abandoned"])
        print(gone(), settled(before), threads() <= running + 3)
    last(main)
    """

    each = for subject <- ~w(loop swallow sleep thread run), do: "#{subject} 1 True"
    assert %{status: 0, out: out} = Program.run(@head <> program)

    assert String.split(out, "\n", trim: true) ==
             ["True baseline"] ++ each ++ each ++ ["1 2 1", "True baseline True"]
  end

  test "what cannot be: async handlers and functions, supervisors, other words" do
    program = """
    class Async(GenPy):
        @receive("x")
        async def x(self):
            pass

    class Derived(Async):
        pass

    async def task():
        pass

    for item in (Async, Derived(), task, Supervisor([])):
        try:
            child(item, thread="dedicated")
        except TypeError as error:
            print(error)
    try:
        child(Echo, thread="own")
    except ValueError as error:
        print(error)
    print(child(Echo, thread=None))
    sys.stdout.flush()
    os._exit(0)
    """

    event_loop = "an async def runs in the event loop's thread"

    assert lines(program) == [
             "thread='dedicated' is not for Async.x: #{event_loop}",
             "thread='dedicated' is not for Async.x: #{event_loop}",
             "thread='dedicated' is not for task: #{event_loop}",
             "thread is for actors and functions: give it to its children",
             "thread must be 'dedicated' or None, not 'own'",
             "child(<class '__main__.Echo'>)"
           ]
  end
end
