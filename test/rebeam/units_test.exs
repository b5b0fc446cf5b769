defmodule Rebeam.UnitsTest do
  # Actors in isolation units: the same program, the same results; what is particular to units
  # that are OS processes. Of those that are interpreters: units/interpreter_test, interpreter_unit_test.
  use ExUnit.Case, async: true

  alias Rebeam.{InterpreterProgram, Program}

  @units ["--workers", "2", "--isolation"]

  # The lines of a program, which have to be the same wherever its actors run.
  defp same!(program) do
    interpreters =
      for python <- InterpreterProgram.pythons(),
          do: @units ++ ["interpreter", "--python", python.executable]

    [shared | others] =
      for options <- [[], @units ++ ["process"] | interpreters],
          do: Program.run(program, options: options)

    for each <- [shared | others] do
      assert each.out == shared.out
      assert each.status == 0
      # The crash that is wanted is logged once.
      assert length(String.split(each.err, "[error]")) == 2
    end

    String.split(shared.out, "\n", trim: true)
  end

  test "messages, suspension, timers, tasks, spawned functions, async handlers" do
    program = """
    import asyncio, contextvars, dataclasses, decimal, enum
    from rebeam import *

    @dataclasses.dataclass
    class Point:
        x: int
        y: list

    class Colour(enum.Enum):
        RED = 1

    current = contextvars.ContextVar("current", default="none")

    class Hub(GenPy):
        def __init__(self, other, name):
            self.other, self.name, self.log = other, name, []
        @start()
        def begin(self):
            self.log.append("started " + self.name)
        @receive("echo")
        def echo(self, message):
            return message
        @receive("relay")
        def relay(self, message):
            return self.deep(message, 3)
        def deep(self, message, depth):
            try:
                return self.deep(message, depth - 1) if depth else call(self.other, "echo", message)[1]
            finally:
                self.log.append(f"left {depth}")
        @receive("fetch")
        async def fetch(self, message):
            current.set(self.name)
            await asyncio.sleep(0.01)
            status, value = await call_async(self.other, "echo", message)
            return [str(status), value, current.get()]
        @receive("tasks")
        def tasks(self, message):
            each = [async_(square, n) for n in range(message)]
            return [await_(task) for task in each]
        @receive("spawn")
        def spawn(self, message, source):
            pid, ref = spawn_monitor(answer, self.name, message)
            sleep(0.05)
            return pid.node == ProcessID().node
        @receive("later")
        def later(self, message):
            send_after(0.01, self.other, "note", f"{message} from {self.name}")
            return isinstance(message, str)
        @receive("deferred")
        def deferred(self, source):
            spawn(lambda: reply(source, response_ok("deferred")))
            return no_reply()
        @receive("note")
        def note(self, message):
            self.log.append(message)
        @receive("fail")
        def fail(self):
            raise KeyError("no such thing")
        @receive("log")
        def all(self):
            return self.log
        @info()
        def info(self, message):
            self.log.append(f"info {type(message).__name__} {getattr(message, 'reason', message)}")

    def square(n):
        return n * n

    def answer(name, message):
        cast(name, "note", message)

    def driver():
        point = Point(3, [Colour.RED, decimal.Decimal("1.5"), (None, b"x", {1, 2})])
        for a, b in (("left", "right"), ("right", "left")):
            status, value = call(a, "echo", point)
            print(status, value == point, type(value).__name__, type(value).__module__)
            print(call(a, "relay", {"k": [1, 2.5]}))
            print(call(a, "fetch", a), call(a, "tasks", 5), call(a, "deferred"))
            print(call(a, "spawn", f"spawned in {a}"), call(a, "later", "later"))
        print(call_many([(n, "echo", i) for i, n in enumerate(["left", "right"] * 3)], 5))
        pid = whereis("left")
        status, reason = call("left", "fail", None)
        print(status, reason.splitlines()[-1], 'raise KeyError("no such thing")' in reason)
        while whereis("left") in (None, pid):
            sleep(0.01)
        while "later from left" not in call("right", "log")[1]:
            sleep(0.01)
        for name in ("left", "right"):
            print([each for each in call(name, "log")[1] if not each.startswith("later")])
        print(sorted(registered()), whereis("nobody"))
        cast("stop", "now")

    if __name__ == "__main__":
        Supervisor([
            Hub("right", name="left"), Hub("left", name="right"),
            child(driver, restart="transient", significant=True),
        ], strategy=ONE_FOR_ONE)
    """

    lines = same!(program)
    assert "ok True Point __main__" in lines
    assert ~s(down KeyError: 'no such thing' True) in lines
  end

  test "surroundings: what the body of the script set up is there, and runs once" do
    folder =
      Program.folder(%{
        "extra/extra_module.py" => "value = 42\n",
        "main.py" => """
        import os, sys, threading
        from rebeam import *
        print("body")
        os.environ["SET_BY_BODY"] = "yes"
        sys.path.append(os.path.join(sys.argv[1], "extra"))
        os.chdir(sys.argv[1]); started = __name__
        def helper(x):
            return "helped", x
        class Worker(GenPy):
            @receive("look")
            def look(self):
                import extra_module
                return [sys.argv[2:], os.environ["SET_BY_BODY"], extra_module.value, helper(3),
                        type(self).__module__, os.path.basename(os.getcwd()), sys.executable == python,
                        any(name.startswith(("REBEAM_UNIT", "BINDIR", "ROOTDIR")) for name in os.environ),
                        sys.stdin.read(), started, os.getpid() == int(os.environ["MAIN"])]
        python = sys.executable
        if __name__ == "__main__":
            os.environ["MAIN"] = str(os.getpid())
            pid = run_register_process(child(Worker, isolation="process"))
            print(*call(pid, "look")[1])
        """
      })

    lines =
      Program.lines!(Path.join(folder, "main.py"), args: [folder, "--one", "two"], input: "input")

    assert lines == [
             "body",
             "['--one', 'two'] yes 42 ('helped', 3) __main__ #{Path.basename(folder)} " <>
               "True False  __main__ False"
           ]
  end

  test "the definitions end where the body first asks the runtime, and errors say so" do
    program = """
    import os, threading
    from rebeam import *
    class Early(GenPy):
        def __init__(self, first=None): pass
        @receive("ask")
        def ask(self): return "here"
    def tell(what):
        print(what, flush=True)
    print(call(run_register_process(child(Early, isolation="process")), "ask")[1])
    class Late(GenPy): pass
    def text(make):
        try:
            make()
        except Exception as error:
            return f"{type(error).__name__} {error}"
    late = run_register_process(child(Late, isolation="process"))
    class Later(GenPy):
        pid = late
    told = text(lambda: run_register_process(child(Later, isolation="process")))
    print("AttributeError: module '__main__' has no attribute 'Later'" in told)
    print([line for line in told.splitlines() if "left out" in line][0].partition("main.py ")[2])
    nameless = lambda: None
    print(text(lambda: run_register_process(child(nameless, isolation="process"))))
    bad = Early({"a": [threading.Lock()]})
    print(text(lambda: run_register_process(child(bad, isolation="process"))))
    print(text(lambda: child(Early, isolation="thread")))
    print(text(lambda: child(Supervisor([]), isolation="process")), flush=True)
    os._exit(0)  # not to run that supervisor
    """

    result = Program.run(program)
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) == [
             "here",
             "True",
             "for its definitions alone, and left out: line 16; line 17 (NameError(\"name 'late' is not defined\"))",
             "TypeError <lambda> cannot start in an isolation unit: cannot pickle function " <>
               "'<lambda>': module '__main__' holds no such name (what a child is made from is " <>
               "sent there; functions and classes go by their name)",
             "TypeError Early cannot start in an isolation unit: arguments[0][\"a\"][0]: cannot " <>
               "pickle '_thread.lock' object (what a child is made from is sent there; functions " <>
               "and classes go by their name)",
             "ValueError isolation must be one of shared, interpreter, process, not 'thread'",
             "TypeError isolation is for actors and functions: give it to a supervisor's children"
           ]
  end

  test "with --isolation, what cannot be sent stays in the main interpreter" do
    program = """
    import os
    from rebeam import *
    main = os.getpid()
    def driver():
        where = []
        start_child("top", child(Named(lambda: where), name="kept"))
        print(call("kept", "pid")[1] == main, call("sent", "pid")[1] == main)
    class Named(GenPy):
        def __init__(self, function=None): pass
        @receive("pid")
        def pid(self): return os.getpid()
        @receive("end")
        def end(self): exit("driver", "normal")
    closure = (lambda run: lambda: run())(driver)
    Supervisor([child(Named, name="sent"),
                child(closure, name="driver", restart="transient", significant=True)], name="top")
    """

    result = Program.run(program, options: ["--isolation", "process", "--workers", "1"])
    assert result.out == "True False\n"
    assert result.status == 0
    assert result.err =~ "<lambda> cannot start in an isolation unit: cannot pickle function"
    assert result.err =~ "arguments[0]: cannot pickle function"
    assert result.err =~ "it runs in the main interpreter"
  end

  test "names, groups, links, monitors and exits reach across units" do
    program = """
    from rebeam import *
    class Member(GenPy):
        def __init__(self, name):
            self.name, self.got = name, []
        @start()
        def begin(self):
            join("all")
            trap_exit(True)
        @receive("do")
        def do(self, message):
            verb, *rest = message
            return {"register": register, "unregister": unregister, "whereis": whereis, "link": link,
                    "monitor": monitor, "exit": exit, "alive": is_alive, "cast": cast,
                    "members": lambda g: sorted(map(str, members(g)))}[verb](*rest)
        @receive("die")
        def die(self):
            raise ValueError("died")
        @receive("got")
        def all(self):
            return self.got
        @receive()
        def other(self, subject, message):
            self.got.append((subject, message))
        @info()
        def note(self, message):
            self.got.append((type(message).__name__, message.reason.splitlines()[-1]))
    def do(name, *what):
        status, value = call(name, "do", what)
        return value if status else value.splitlines()[-1]
    def driver():
        a, b = whereis("a"), whereis("b")
        print(a.node != b.node, a.node != ProcessID().node, do("a", "whereis", "b") == b)
        print(do("a", "register", "second"), whereis("second") == a, do("b", "whereis", "second") == a)
        print(do("a", "unregister", "second"), whereis("second"), do("b", "whereis", "second"))
        do("a", "register", "taken")
        try:
            register("taken")
        except ValueError as error:
            print(str(error).startswith("the name \\"taken\\" is taken by"))
        while len(do("a", "members", "all")) < 3 or len(do("b", "members", "all")) < 3:
            sleep(0.01)
        print(broadcast("all", "hello", 1), sorted(registered()))
        do("a", "link", b); do("c", "monitor", b)
        # Signals of two processes have no order: "die" could come before the link.
        for name in "ac":
            do(name, "cast", "b", "seen", name)
            while ("seen", name) not in call("b", "got")[1]:
                sleep(0.01)
        call("b", "die")
        while whereis("b") in (None, b):
            sleep(0.01)
        print(do("c", "alive", b), do("c", "alive", a), do("a", "alive", whereis("b")))
        for name in "abc":
            print(name, call(name, "got")[1])
        do("c", "exit", a, "kill")
        while whereis("a") in (None, a):
            sleep(0.01)
        print(do("b", "cast", "a", "hello", 2), call("a", "got")[1])
        sleep(0.1)
        print(do("c", "register", "taken"), do("a", "whereis", "taken") == whereis("c"))
        pass
    if __name__ == "__main__":
        Supervisor([child(Member("a"), isolation="process"), child(Member("b"), isolation="process"),
                    Member("c"), child(driver, restart="transient", significant=True)], name="top")
    """

    result = Program.run(program, options: ["--workers", "2"])

    assert String.split(result.out, "\n", trim: true) == [
             "True True True",
             "None True True",
             "None None None",
             "True",
             "3 ['a', 'b', 'c', 'taken', 'top']",
             "False True True",
             "a [('hello', 1), ('Exit', 'ValueError: died')]",
             "b []",
             "c [('hello', 1), ('Down', 'ValueError: died')]",
             "True [('hello', 2)]",
             "None True"
           ]
  end

  test "a unit that ends crashes its actors, once for each supervisor's eyes, and is replaced" do
    program = """
    import ctypes, os, signal
    from rebeam import *
    class Worker(GenPy):
        def __init__(self, name): self.name, self.n = name, 0
        @receive("add")
        def add(self, message):
            self.n += message
            return self.n
        @receive("pid")
        def pid(self): return os.getpid()
        @receive("segfault")
        def segfault(self): ctypes.string_at(0)
        @receive("abort")
        def abort(self): os.abort()
        @receive("exit")
        def exit(self): os._exit(7)
        @receive("overflow")
        def overflow(self):
            ctypes.memset(ctypes.addressof(ctypes.c_char()), 0, 1 << 30)
    def driver():
        for how in ("segfault", "abort", "exit", "overflow", "kill -9"):
            call("victim", "add", 5), call("other", "add", 1)
            victim, pid = whereis("victim"), call("victim", "pid")[1]
            if how == "kill -9":
                os.kill(pid, signal.SIGKILL)
                answer = "down noconnection"
            else:
                answer = " ".join(call("victim", how))
            while whereis("victim") in (None, victim):
                sleep(0.01)
            print(how, answer, call("victim", "add", 1)[1], call("victim", "pid")[1] != pid,
                  call("here", "add", 1)[1])
        pass
    if __name__ == "__main__":
        Supervisor([child(Worker("victim"), isolation="process"), Worker("here"),
                    child(Worker("other"), isolation="process"),
                    child(driver, restart="transient", significant=True)], name="top", max_restarts=20)
    """

    result = Program.run(program, options: ["--workers", "2"])

    assert String.split(result.out, "\n", trim: true) == [
             "segfault down noconnection 1 True 1",
             "abort down noconnection 1 True 2",
             "exit down noconnection 1 True 3",
             "overflow down noconnection 1 True 4",
             "kill -9 down noconnection 1 True 5"
           ]

    for how <- ["signal 11 (SIGSEGV)", "signal 6 (SIGABRT)", "status 7", "signal 9 (SIGKILL)"] do
      assert result.err =~
               ~r/process unit \d \(OS process \d+\) .*#{Regex.escape(how)}: its actors/
    end

    assert result.status in [0, 1]
  end

  test "for a supervisor the loss of a unit is one crash, however many of its children were there" do
    program = """
    import os, sys
    from rebeam import *
    class Worker(GenPy):
        def __init__(self, name): self.name = name
        @receive("exit")
        def exit(self): os._exit(7)
        @receive("name")
        def who(self): return self.name
    names = [f"w{n}" for n in range(10)]
    def settle(old):
        new = {n: whereis(n) for n in names}
        while not all(new[n] and new[n] != old.get(n) for n in names):
            sleep(0.01)
            new = {n: whereis(n) for n in names}
        return new
    def driver():
        known = {}
        for crash in range(3):
            known = settle(known)
            print([call(n, "name")[1] == n for n in names].count(True), call("w0", "exit")[1])
        known = settle(known)
        for sup in ("static", "dynamic"):
            print(sorted(each.pid == known[each.id] if sup == "static" else each.pid in known.values()
                         for each in which_children(sup)), count_children(sup)["active"])
        cast("w0", "exit")
        sleep(60)
    def main():
        each = [child(Worker(n), id=n, isolation="process") for n in names]
        Supervisor(each[:6], name="static", max_seconds=60)
        Supervisor([DynamicSupervisor("dynamic", max_seconds=60), child(fill)])
        Supervisor([child(driver, restart="temporary")])
    def fill():
        for n in names[6:]:
            start_child("dynamic", child(Worker(n), isolation="process"))
        sleep(60)
    if __name__ == "__main__":
        main()
    """

    result = Program.run(program, options: ["--workers", "1"])

    assert String.split(result.out, "\n", trim: true) == [
             "10 noconnection",
             "10 noconnection",
             "10 noconnection",
             "[True, True, True, True, True, True] 6",
             "[True, True, True, True] 4"
           ]

    assert result.status == 1
    assert result.err =~ ~r/the supervision tree gave up: child .* failed too often\nnoconnection/
  end

  test "children in units at run time: ended in order, brutally, restarted, deleted" do
    program = """
    import os
    from rebeam import *
    class Worker(GenPy):
        def __init__(self, name, slow=0): self.name, self.slow = name, slow
        @start()
        def begin(self): print("start", self.name)
        @stop()
        def end(self, reason):
            print("stop", self.name, reason)
            sleep(self.slow)
            print("stopped", self.name)
        @receive("pid")
        def pid(self): return os.getpid()
    def driver():
        def add(name, slow=0, **options):
            return start_child("top", child(Worker(name, slow), id=name, isolation="process", **options))
        a, b, c = add("a"), add("b", shutdown="brutal_kill"), add("c", 60, shutdown=0.2)
        print(a == whereis("a"), [each.id for each in which_children("top")][1:], call(a, "pid")[0])
        for each in (a, "b", c):
            terminate_child("top", each)
        print([is_alive(each) for each in (a, b, c)], [each.state for each in which_children("top")][1:])
        fresh = restart_child("top", "a")
        print(fresh == whereis("a"), fresh != a)
        terminate_child("top", fresh)
        delete_child("top", "a")
        print([each.id for each in which_children("top")][1:])
        run = start_child("top", child(forever, isolation="process"))
        print(is_alive(run), monitor(run) is not None)
        terminate_child("top", run)
        print(is_alive(run))
    def forever():
        try:
            sleep(60)
        finally:
            print("finally")
    if __name__ == "__main__":
        Supervisor([child(driver, restart="transient", significant=True)], name="top")
    """

    assert Program.lines!(program, options: ["--workers", "2"]) == [
             "start a",
             "start b",
             "start c",
             "True ['a', 'b', 'c'] ok",
             "stop a shutdown",
             "stopped a",
             "stop c shutdown",
             "[False, False, False] ['stopped', 'stopped', 'stopped']",
             "start a",
             "True True",
             "stop a shutdown",
             "stopped a",
             "['b', 'c']",
             "True True",
             "finally",
             "False"
           ]
  end

  test "the end: @stop, atexit and output of units come before the program's end" do
    program = """
    import atexit, os, sys
    from rebeam import *
    class Worker(GenPy):
        def __init__(self, name): self.name = name
        @start()
        def begin(self):
            print("started", self.name)
            atexit.register(print, "atexit", self.name)
        @stop()
        def end(self, reason):
            sys.stdout.write(f"stopped {self.name} {reason}\\n")
            call("here", "note", self.name)
    class Here(GenPy):
        name = "here"
        @receive("note")
        def note(self, message): print("noted", message)
    def driver():
        pass
    if __name__ == "__main__":
        Supervisor([Here(), child(Worker("a"), isolation="process"),
                    child(Worker("b"), isolation="process"), child(driver, restart="transient", significant=True)],
                   name="top")
    """

    result = Program.run(program, options: ["--workers", "1"])
    lines = String.split(result.out, "\n", trim: true)

    assert Enum.take(lines, 6) == [
             "started a",
             "started b",
             "stopped b shutdown",
             "noted b",
             "stopped a shutdown",
             "noted a"
           ]

    assert Enum.drop(lines, 6) == ["atexit b", "atexit a"]
  end

  test "a unit's at-exit work has the time that the program's has" do
    program = """
    import atexit, threading
    from rebeam import *
    class Worker(GenPy):
        @start()
        def begin(self):
            atexit.register(print, "last")
            for _ in range(20):  # 1.5 s for the first that hangs, 0.3 s for each that follows
                atexit.register(threading.Event().wait)
    if __name__ == "__main__":
        def driver(): pass
        Supervisor([child(Worker(), isolation="process"),
                    child(driver, restart="transient", significant=True)])
    """

    result = Program.run(program, options: ["--workers", "1"])
    assert result.status == 0
    assert result.out == "last\n"
  end

  test "no unit outlives its program, however that ends" do
    program = """
    import os, sys, subprocess
    from rebeam import *
    class Worker(GenPy):
        @receive("pid")
        def pid(self):
            # Inherits what is not sealed.
            self.child = subprocess.Popen(["sleep", "30"], close_fds=False)
            return os.getpid()
        @receive("spin")
        def spin(self):
            while True: pass
    if __name__ == "__main__":
        pids = [run_register_process(child(Worker, isolation="process")) for _ in range(2)]
        units = [call(pid, "pid")[1] for pid in pids]
        cast(pids[0], "spin")
        sleeper = subprocess.Popen(["sleep", "30"], close_fds=False)
        print("units", os.getpid(), *units, flush=True)
        if sys.argv[1] == "end":
            sys.exit(3)
        sys.stdin.read()
    """

    for {how, status} <- [
          {"end", 3},
          {"SIGKILL", "SIGKILL"},
          {"SIGTERM", 143},
          {"SIGSEGV", "SIGSEGV"}
        ] do
      on = if how == "end", do: [], else: [{"units", :signal, how}]
      result = Program.run(program, args: [how], on: on)
      assert result.status == status, "#{how}: #{inspect(result)}"
      ["units" | pids] = String.split(result.out)
      assert length(pids) == 3
      assert gone?(pids, 100), "#{how} left #{inspect(pids)}"
    end
  end

  defp gone?(pids, tries) do
    alive = Enum.filter(pids, &File.exists?("/proc/#{&1}/status"))

    cond do
      Enum.all?(alive, &zombie?/1) -> true
      tries == 0 -> false
      true -> Process.sleep(50) && gone?(pids, tries - 1)
    end
  end

  # Nobody reaps orphans in some containers.
  defp zombie?(pid) do
    case File.read("/proc/#{pid}/status") do
      {:ok, status} -> status =~ ~r/^State:\s+Z/m
      _ -> true
    end
  end

  test "a limit on memory: MemoryError first, then the unit's end; others go on" do
    program = """
    import ctypes, mmap, os
    from rebeam import *
    class Eater(GenPy):
        def __init__(self, name): self.name, self.held = name, []
        @receive("eat")
        def eat(self, message):
            try:
                self.held.append(bytearray(message << 20))
            except MemoryError:
                return "MemoryError"
            return len(self.held)
        @receive("map")
        def map(self, message):
            # Shared memory is no data of the process.
            self.mapped = mmap.mmap(-1, message << 20)
            for at in range(0, message << 20, 4096):
                self.mapped[at] = 1
            sleep(5)
    def driver():
        print(call("eater", "eat", 20), call("eater", "eat", 2000), call("eater", "eat", 20))
        before = whereis("eater")
        print(str(call("eater", "map", 600, 60)[0]))
        while whereis("eater") in (None, before):
            sleep(0.01)
        print(call("eater", "eat", 20), call("other", "eat", 20))
        pass
    if __name__ == "__main__":
        Supervisor([child(Eater("eater"), isolation="process"), Eater("other"),
                    child(driver, restart="transient", significant=True)], name="top")
    """

    result = Program.run(program, options: ["--workers", "1", "--unit-memory", "500M"])

    assert String.split(result.out, "\n", trim: true) == [
             "(<Status.OK: 'ok'>, 1) (<Status.OK: 'ok'>, 'MemoryError') (<Status.OK: 'ok'>, 2)",
             "down",
             "(<Status.OK: 'ok'>, 1) (<Status.OK: 'ok'>, 1)"
           ]

    assert result.err =~ "its limit is 500 MiB: it was ended: its actors"
  end
end
