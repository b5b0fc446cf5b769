defmodule Rebeam.Tasks.SpawnTest do
  # Functions as processes: how they begin, what they share, how they end.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @preamble """
  import functools, os, sys, threading, time
  from rebeam import *
  from baseline import counts, settled

  class Owner(GenPy):
      name = "owner"
      def __init__(self):
          self.saw = []
      @receive("run")
      def run(self, message):
          return globals()[message]()
      @receive("saw")
      def all(self):
          saw, self.saw = self.saw, []
          return saw
      @receive("note")
      def note(self, message):
          self.saw.append(message)
      @info()
      def event(self, message):
          self.saw.append(message)

  def saw(settle=0.1):
      time.sleep(settle)
      return call("owner", "saw")[1]

  def first():
      while not (got := call("owner", "saw")[1]):
          time.sleep(0.01)
      return got[0]

  def tell(*what):
      cast("owner", "note", what)

  run_register_process(Owner)

  """

  defp lines(program, options \\ []), do: Program.lines!(@preamble <> program, options)

  test "linked and monitored before it begins: the true reason, however soon it ends" do
    program = """
    def fail():
        raise ValueError("at once")
    def kill():
        exit(self_pid(), "kill")
    def leave():
        sys.exit()
    def leave_badly():
        sys.exit(3)
    def many():
        trap_exit()
        for _ in range(100):
            for function in (fail, kill, leave, leave_badly, len):
                args = [()] if function is len else []
                pids.append((function.__name__, spawn_link(function, *args)))
                pids.append((function.__name__, spawn_monitor(function, *args)[0]))
    pids = []
    call("owner", "run", "many", timeout=60)
    seen = saw(1)
    names = dict((pid, name) for name, pid in pids)
    found = {}
    for each in seen:
        key = type(each).__name__, names[each.pid], each.reason.splitlines()[-1]
        found[key] = found.get(key, 0) + 1
    for key in sorted(found):
        print(*key, found[key])
    """

    result = Program.run(@preamble <> program)
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) ==
             for(
               event <- ["Down", "Exit"],
               what <- [
                 "fail ValueError: at once",
                 "kill killed",
                 "leave normal",
                 "leave_badly SystemExit: 3",
                 "len normal"
               ],
               do: "#{event} #{what} 100"
             )
  end

  test "the arguments are copies; what cannot be sent, and closures, are shared" do
    program = """
    class Thing:
        def __init__(self):
            self.parts = [1]
    lock = threading.Lock()
    data, thing, shared, closed = [1, [2]], Thing(), {"lock": lock, "n": [1]}, [1]
    same = [data, data]
    def work(data, thing, shared, same, *, keyword):
        sleep(0.05)
        tell(data, thing.parts, shared["n"], same[0] is same[1], keyword, closed)
    spawn(work, data, thing, shared, same, keyword=data)
    for each in (data, thing.parts, shared["n"], closed):
        each.append("later")
    data[1].append("later")
    print(first())
    def types(*args):
        tell(*[type(each).__name__ for each in args])
    spawn(types, types, lambda: 0, lock, self_pid(), b"", {1}, async_(len, ()))
    print(first())
    """

    assert lines(program) == [
             "([1, [2]], [1], [1, 'later'], True, [1, [2]], [1, 'later'])",
             "('function', 'function', 'lock', 'ProcessID', 'bytes', 'set', 'Task')"
           ]
  end

  test "what can run: functions, lambdas, closures, methods, partials, callables, builtins" do
    program = """
    class Callable:
        def __call__(self, *args):
            sleep(0.01)
            tell("object", *args)
        def method(self, *args):
            sleep(0.01)
            tell("method", *args)
        @classmethod
        def of_class(cls, *args):
            tell("class method", *args)
        @staticmethod
        def static(*args):
            tell("static", *args)
    def outer():
        here = "closure"
        def inner(*args):
            sleep(0.01)
            tell(here, *args)
        return inner
    async def coroutine(): pass
    whats = [outer(), lambda *args: tell("lambda", *args), Callable(), Callable().method,
             Callable.of_class, Callable.static, functools.partial(outer(), 0), print]
    for what in whats:
        spawn(what, 1)
    print(*sorted(saw(), key=str), sep="\\n")
    for bad in (3, None, coroutine, Owner, Owner()):
        try:
            spawn(bad)
        except TypeError as error:
            print(str(error).split(" object at")[0])
    """

    assert lines(program) == [
             "1",
             "('class method', 1)",
             "('closure', 0, 1)",
             "('closure', 1)",
             "('lambda', 1)",
             "('method', 1)",
             "('object', 1)",
             "('static', 1)",
             "a process runs a function, not 3",
             "a process runs a function, not None",
             "coroutine must be a plain def to run as a process",
             "Owner is an actor: start it with run_register_process",
             "a process runs a function, not <__main__.Owner"
           ]
  end

  test "from the script's body, a plain thread, and a spawned function" do
    program = """
    def refused(function):
        try:
            function(tell, 0)
        except RuntimeError as error:
            print(error)
    def work(depth):
        tell(depth)
        if depth < 3:
            spawn_link(work, depth + 1)
            sleep(0.05)
    spawn(work, 0)
    thread = threading.Thread(target=lambda: spawn(work, 3))
    thread.start()
    thread.join()
    print(sorted(saw(0.3)))
    for function in (spawn_link, spawn_monitor):
        refused(function)
        thread = threading.Thread(target=refused, args=[function])
        thread.start()
        thread.join()
    """

    nowhere = "works in actors and spawned functions: here is no process that takes signals"

    assert lines(program) == [
             "[(0,), (1,), (2,), (3,), (3,)]",
             "spawn_link #{nowhere}",
             "spawn_link #{nowhere}",
             "spawn_monitor #{nowhere}",
             "spawn_monitor #{nowhere}"
           ]
  end

  test "it takes no messages: call is an error, cast and info are lost" do
    program = """
    pid = spawn(sleep, 0.3)
    print(call(pid, "x"), cast(pid, "x"), send(pid, "x"), is_alive(pid))
    time.sleep(0.4)
    print(call(pid, "x"), cast(pid, "x"), is_alive(pid))
    """

    result = Program.run(@preamble <> program)
    assert result.status == 0
    text = "sleep is a function: it takes no messages"

    assert result.out ==
             "(<Status.ERROR: 'error'>, '#{text}') True True True\n" <>
               "(<Status.DOWN: 'down'>, 'noproc') False False\n"

    assert result.err =~ ~s(cast "x" to sleep is lost)
  end

  test "a failure is logged once; a signal not at all" do
    program = """
    def fail(x):
        sleep(0.01)
        raise ValueError(x)
    spawn(fail, "told once")
    pid = spawn(sleep, 60)
    exit(pid, "boom")
    other = spawn(sleep, 60)
    exit(other, "kill")
    while is_alive(pid) or is_alive(other):
        pass
    time.sleep(0.1)
    """

    result = Program.run(@preamble <> program)
    assert %{status: 0, out: ""} = result
    assert [_, _] = String.split(result.err, "ValueError: told once")
    assert result.err =~ ~r/actor fail #PID<[^>]*> crashed/
    assert [_, _] = String.split(result.err, "[error]")
  end

  test "the program's end reaches waiting code: ActorExit, finally, in any number" do
    program = """
    def work(n):
        try:
            if n % 2:
                sorted([1, 2], key=lambda _: sleep(60))
            sleep(60)
        except Exception:
            print("swallowed")
        finally:
            ended.append(n)
            if len(ended) == 50:
                print("all ended")
    ended = []
    for n in range(50):
        spawn(work, n)
    time.sleep(0.5)
    print("over", flush=True)
    """

    assert lines(program) == ["over", "all ended"]
  end

  test "it ends with the program also while it computes or swallows its end" do
    program = """
    def swallow():
        while True:
            try:
                sleep(60)
            except BaseException:
                pass
    def compute():
        while True:
            pass
    spawn(swallow)
    spawn(compute)
    time.sleep(0.2)
    print("over", flush=True)
    """

    assert %{status: 0, out: "over\n"} = Program.run(@preamble <> program)
  end

  test "a start that the program's end cuts off ends in order" do
    program = """
    class Slow(GenPy):
        @start()
        def begin(self):
            try:
                sleep(60)
            finally:
                print("finally", flush=True)
    began = time.monotonic()
    spawn(run_register_process, Slow)
    time.sleep(0.3)
    """

    assert lines(program) == ["finally"]
  end

  @tag timeout: 300_000
  test "10,000 at once, suspended: no thread each, and none stays" do
    program = """
    class Sum(GenPy):
        name = "sum"
        def __init__(self):
            self.n = self.total = 0
        @receive("add")
        def add(self, message):
            self.n += 1
            self.total += message
        @receive("get")
        def get(self):
            return self.n, self.total
        @info()
        def down(self, message):
            assert message.reason == "normal", message
            self.n += 1
    class Spawner(Sum):
        name = "spawner"
        @receive("go")
        def go(self, message):
            for n in range(message):
                spawn_monitor(work, n)
    def work(n):
        while not gate:
            sleep(1)
        assert call("sum", "add", n, timeout=None)[0]
    def threads():
        return len(os.listdir("/proc/self/task"))
    def run(start, number):
        gate.clear()
        call("sum", "get")
        call("spawner", "get")
        before, before_threads = counts(), threads()
        start(number)
        while counts()["suspended"] - before["suspended"] < number:
            time.sleep(0.05)
        print("suspended", threads() - before_threads <= 2)
        gate.append(True)
        while call("sum", "get")[1][0] < number:
            time.sleep(0.05)
        print(call("sum", "get")[1][1] == sum(range(number)), settled(before))
    gate = []
    run_register_process(Sum())
    run_register_process(Spawner())
    run(lambda number: [spawn(work, n) for n in range(number)] and None, 10_000)
    exit("sum", "shutdown")
    while not call("sum", "get")[0]:
        pass
    run(lambda number: call("spawner", "go", number, timeout=None), 10_000)
    while call("spawner", "get")[1][0] < 10_000:
        time.sleep(0.05)
    print(call("spawner", "get")[1])
    """

    assert lines(program, limit: 200) == [
             "suspended True",
             "True baseline",
             "suspended True",
             "True baseline",
             "(10000, 0)"
           ]
  end

  test "killed while suspended, in whatever way: nothing stays" do
    program = """
    class Slow(GenPy):
        name = "slow"
        @receive("rest")
        def rest(self):
            sleep(60)
    def in_call():
        call("nap", "rest", timeout=None)
    def in_sleep():
        sleep(60)
    def on_a_thread():
        sorted([1], key=lambda _: sleep(60))
    def in_await():
        await_(async_(sleep, 60), None)
    run_register_process(Slow())
    ways = (in_call, in_sleep, on_a_thread, in_await)
    for way in ways:
        exit(spawn(way), "kill")
    time.sleep(0.2)
    before = counts()
    for reason in ("kill", "boom"):
        pids = [spawn(way) for way in ways for _ in range(20)]
        time.sleep(0.3)
        for pid in pids:
            exit(pid, reason)
        while any(map(is_alive, pids)):
            time.sleep(0.01)
        print(settled(before))
    """

    assert lines(program) == ["baseline", "baseline"]
  end
end
