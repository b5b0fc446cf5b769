defmodule Rebeam.AsyncTest do
  # `async def` handlers: tasks of one asyncio loop, each its actor's.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors """
  import asyncio, os, sys, threading, time
  from rebeam import *
  from rebeam._runtime import rebeam_info
  from baseline import counts, settled

  class Slow(GenPy):
      def __init__(self, name="slow"):
          self.name = name
      @receive("twice")
      def twice(self, message):
          seconds, value = message
          sleep(seconds)
          return value * 2
      @receive("source")
      def from_whom(self, source):
          return source

  class Asleep(GenPy):
      @receive("sleep")
      async def sleep(self, message):
          await asyncio.sleep(message)
          return "slept"

  class Quick(GenPy):
      name = "quick"
      @receive("quick")
      async def quick(self, message):
          await asyncio.sleep(0)
          return message + 1

  def helper(value, seconds=0.0):
      status, answer = call("slow", "twice", (seconds, value))
      return answer

  """

  defp lines(program, options \\ []), do: Program.lines!(@actors <> program, options)

  defp run(program), do: Program.run(@actors <> program)

  test "every kind of handler may be an async def" do
    program = """
    class All(GenPy):
        @start()
        async def boot(self):
            await asyncio.sleep(0.01)
            self.seen = ["start"]
        @receive("one")
        async def one(self, message, source):
            await asyncio.sleep(0)
            self.seen.append(message)
            return response_error("no") if message == "bad" else response_ok(source == ProcessID())
        @receive()
        async def other(self, subject, **rest):
            return subject, sorted(rest)
        @info()
        async def note(self, message):
            await asyncio.sleep(0)
            self.seen.append(message)
        @receive("seen")
        async def all(self):
            return self.seen
        @stop()
        async def end(self, reason):
            await asyncio.sleep(0.01)
            print("stopped", reason, self.seen, flush=True)

    class Decorated(GenPy):
        def logged(function):
            import functools
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                print("before", helper(1))
                return function(*args, **kwargs)
            return wrapper
        @receive("it")
        @logged
        async def it(self, message):
            await asyncio.sleep(0)
            return message * 3

    run_register_process(Slow())
    def main():
        it = run_register_process(All())
        print(call(it, "one", "good"))
        print(call(it, "one", "bad"))
        print(call(it, "what", 1))
        print(cast(it, "one", "cast"), send(it, "plain"))
        print(call(it, "seen"))
        print(call(run_register_process(Decorated()), "it", 2))

    Supervisor([child(main, restart="transient", significant=True)])
    """

    assert lines(program) == [
             "(<Status.OK: 'ok'>, False)",
             "(<Status.ERROR: 'error'>, 'no')",
             "(<Status.OK: 'ok'>, ('what', ['message', 'source', 'status']))",
             "True True",
             "(<Status.OK: 'ok'>, ['start', 'good', 'bad', 'cast', 'plain'])",
             "before 2",
             "(<Status.OK: 'ok'>, 6)",
             "stopped shutdown ['start', 'good', 'bad', 'cast', 'plain']"
           ]
  end

  test "handlers that yield are refused, and plain programs start no loop" do
    program = """
    try:
        class Wrong(GenPy):
            @receive("it")
            async def it(self):
                yield 1
    except TypeError as error:
        print(error)
    run_register_process(Slow())
    print(helper(4), "asyncio" in [t.name for t in threading.enumerate()])
    print([t.name for t in threading.enumerate() if "rebeam" in t.name])
    """

    assert lines(program) == [
             "handler Wrong.it must return, not yield",
             "8 False",
             "[]"
           ]
  end

  test "200 asleep, another answers at once; the counts return" do
    program = """
    quick = run_register_process(Quick())
    call(quick, "quick", 1)
    before, threads = counts(), rebeam_info()["threads"]
    sleepers = [run_register_process(Asleep()) for _ in range(200)]
    import concurrent.futures
    class Asker(GenPy):
        @receive("ask")
        async def ask(self, message):
            answers = await asyncio.gather(*(call_async(each, "sleep", 1.5) for each in message))
            return [answer for _, answer in answers].count("slept")
    asker = run_register_process(Asker())
    class Collector(GenPy):
        name = "collector"
        def __init__(self): self.got = None
        @receive("ask")
        def ask(self, message): self.got = message
        @receive("got")
        def answer(self): return self.got
    run_register_process(Collector())
    cast(asker, "ask", sleepers, sender_pid=whereis("collector"))
    time.sleep(0.5)
    print("suspended", rebeam_info()["suspended"] - before["suspended"])
    begun = time.monotonic()
    for n in range(50):
        assert call("quick", "quick", n) == (Status.OK, n + 1)
    print("quick" if time.monotonic() - begun < 0.5 else time.monotonic() - begun)
    while (got := call("collector", "got")[1]) is None:
        time.sleep(0.02)
    print(got, rebeam_info()["threads"] - threads < 8)
    before["actors"] += 202
    before["handles"] += 202
    print(settled(before))
    """

    assert lines(program) == ["suspended 201", "quick", "200 True", "baseline"]
  end

  test "plain calls, and helpers that call, do not stop the loop" do
    program = """
    class Asker(GenPy):
        @receive("ask")
        async def ask(self, message):
            first = helper(message, 1.0)
            return first, [helper(n) for n in range(3)], call("slow2", "twice", (0, 1))
        @receive("rest")
        async def rest(self):
            time.sleep(1.0)
            sleep(0.1)
            return whereis("slow") is not None, self_pid() == ProcessID()

    class Ticker(GenPy):
        def __init__(self): self.ticks = []
        @receive("tick")
        async def tick(self):
            for _ in range(40):
                self.ticks.append(time.monotonic())
                await asyncio.sleep(0.02)
        @receive("longest")
        async def longest(self):
            return max(b - a for a, b in zip(self.ticks, self.ticks[1:]))

    class Parallel(Slow):
        @receive("twice")
        async def twice(self, message):
            seconds, value = message
            await asyncio.sleep(seconds)
            return value * 2

    def ask_all(pids, subject):
        class All(GenPy):
            @receive("go")
            async def go(self):
                return await asyncio.gather(*(call_async(p, subject, i, timeout=60) for i, p in enumerate(pids)))
        return call(run_register_process(All()), "go", timeout=60)[1]

    run_register_process(Slow("slow2"))
    run_register_process(Slow())
    slow = [run_register_process(Slow(None)) for _ in range(50)]
    ticker = run_register_process(Ticker())

    class Each(GenPy):
        def __init__(self, target): self.target = target
        @receive("ask")
        async def ask(self, message):
            def inner(seconds): return call(self.target, "twice", (seconds, message))[1]
            return inner(0.7), [inner(0) for _ in range(2)]
        @receive("rest")
        async def rest(self, message):
            time.sleep(0.5)
            sleep(0.1)
            return whereis("slow") is not None, self_pid() == ProcessID()

    each = [run_register_process(Each(target)) for target in slow]
    before = rebeam_info()["threads"]
    cast(ticker, "tick")
    begun = time.monotonic()
    answers = ask_all(each, "ask")
    print(answers == [("ok", (2 * i, [2 * i] * 2)) for i in range(50)])
    cast(ticker, "tick")
    print(set(ask_all(each, "rest")) == {("ok", (True, True))})
    print("at once" if time.monotonic() - begun < 6 else time.monotonic() - begun)
    longest = call(ticker, "longest", timeout=30)[1]
    print("ticks" if longest < 0.4 else longest)
    print(rebeam_info()["threads"] - before < 8)
    """

    assert lines(program) == ["True", "True", "at once", "ticks", "True"]
  end

  test "everything in the loop knows its actor, whatever task or thread it is in" do
    program = """
    class Who(GenPy):
        @receive("who")
        async def who(self):
            me = ProcessID()
            async def task(): await asyncio.sleep(0); return ProcessID(), self_pid(), call("slow", "source")[1]
            def thread(): return ProcessID(), self_pid(), call("slow", "source")[1]
            seen = [await task()]
            seen += await asyncio.gather(*(task() for _ in range(20)))
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(task()) for _ in range(5)]
                tasks += [group.create_task(asyncio.to_thread(thread)) for _ in range(5)]
            seen += [each.result() for each in tasks]
            later = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(lambda: later.set_result(ProcessID()))
            seen.append((await later,) * 3)
            seen.append(sorted([(me,) * 3], key=lambda _: call("slow", "source")[1])[0])
            register("who")
            return set(seen) == {(me, me, me)}, whereis("who") == me, len(seen)

    run_register_process(Slow())
    who = run_register_process(Who())
    before = counts()
    for _ in range(3):
        print(call(who, "who"))
        call(who, "unknown")
        call(who, "unregister")
        break
    print(settled(before))

    async def main():
        answers = await asyncio.gather(*(call_async("slow", "twice", (0, n)) for n in range(10)))
        return [answer for _, answer in answers], helper(1), (await call_async("slow", "source"))[1] == self_pid()
    print(asyncio.run(main()))

    def thread():
        print(asyncio.run(call_async("slow", "twice", (0, 3))))
    other = threading.Thread(target=thread)
    other.start()
    other.join()
    print(settled(before))
    """

    assert lines(program) == [
             "(<Status.OK: 'ok'>, (True, True, 33))",
             "baseline",
             "([0, 2, 4, 6, 8, 10, 12, 14, 16, 18], 2, True)",
             "(<Status.OK: 'ok'>, 6)",
             "baseline"
           ]
  end

  test "an exception crashes the actor, with the frames of the user alone" do
    program = """
    class Bad(GenPy):
        name = "bad"
        @receive("raise")
        async def handle(self, message):
            await self.inner(message)
        async def inner(self, message):
            await asyncio.sleep(0)
            return {}[message]
        @receive("task")
        async def task(self):
            async with asyncio.TaskGroup() as group:
                group.create_task(self.inner("in a task"))
                await asyncio.sleep(10)
        @receive("unsendable")
        async def unsendable(self):
            return threading.Lock()
        @receive("cancel")
        async def cancel(self):
            asyncio.current_task().cancel()
            await asyncio.sleep(1)
        @receive("ok")
        async def ok(self): return "fine"

    def main():
        for subject in ("raise", "task", "unsendable", "cancel"):
            status, text = call("bad", subject, "it")
            print(status.value, text.replace("\\n", "|"))
            while call("bad", "ok") != ("ok", "fine"):
                sleep(0.01)
    run_register_process(Slow())
    Supervisor([Bad, child(main, restart="transient", significant=True)], max_restarts=10)
    """

    result = run(program)
    assert result.status == 0
    [first, task, unsendable, cancel] = String.split(result.out, "\n", trim: true)

    assert first =~
             ~r/^down Traceback \(most recent call last\):\|  File "[^"]*main.py", line \d+, in handle\|/

    assert first =~ "in inner|    return {}[message]|"
    assert first =~ "KeyError: 'it'|"
    refute first =~ "_asyncio.py"
    assert task =~ ~r/ExceptionGroup: .*KeyError: 'in a task'/
    assert unsendable =~ "cannot pickle '_thread.lock' object"
    assert cancel =~ "CancelledError"
    assert result.err =~ "actor Bad"
    assert result.err =~ ~s{in @receive("raise")}
    refute result.err =~ "_asyncio.py"
  end

  test "sys.exit in a handler or its task ends the actor, not the loop" do
    program = """
    class Exits(GenPy):
        name = "exits"
        @receive("exit")
        async def exit(self, message):
            await asyncio.sleep(0)
            sys.exit(message)
        @receive("in a task")
        async def in_task(self, message):
            async def leave(): sys.exit(message)
            await asyncio.gather(leave(), asyncio.sleep(5))
        @receive("interrupt")
        async def interrupt(self, message):
            raise KeyboardInterrupt
        @receive("ok")
        async def ok(self): return "fine"

    class Other(GenPy):
        name = "other"
        @receive("wait")
        async def wait(self):
            await asyncio.sleep(1)
            return "waited"

    def main():
        class Waits(GenPy):
            @receive("go")
            async def go(self):
                first = asyncio.create_task(call_async("other", "wait"))
                await asyncio.sleep(0.1)
                for subject in ("exit", "in a task", "interrupt"):
                    status, text = await call_async("exits", subject, 0)
                    print(status.value, text.strip().split("\\n")[-1])
                    while await call_async("exits", "ok") != ("ok", "fine"):
                        await asyncio.sleep(0.01)
                return await first
        print(call(run_register_process(Waits()), "go", timeout=20))
    Supervisor([Exits, Other, child(main, restart="transient", significant=True)], max_restarts=10)
    """

    result = run(program)
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) == [
             "down normal",
             "down normal",
             "down KeyboardInterrupt",
             "(<Status.OK: 'ok'>, (<Status.OK: 'ok'>, 'waited'))"
           ]
  end

  test "the end of an actor cancels its task: shutdown, crash of a sibling, kill" do
    program = """
    class Long(GenPy):
        def __init__(self, name): self.name = name
        @receive("long")
        async def long(self, message):
            asyncio.create_task(self.beside(message))
            try:
                await asyncio.sleep(100) if message != "call" else helper(1, 0.6)
            except BaseException as error:
                print(self.name, type(error).__name__, flush=True)
                raise
            finally:
                await asyncio.sleep(0.01)
                print(self.name, "finally", flush=True)
        async def beside(self, message):
            try:
                await asyncio.sleep(100)
            finally:
                print(self.name, "task", flush=True)
        @receive("ok")
        async def ok(self): return "fine"
        @stop()
        async def end(self, reason):
            await asyncio.sleep(0.01)
            print(self.name, "stop", reason.split("\\n")[0], flush=True)

    class Killer(GenPy):
        name = "killer"
        @receive("die")
        def die(self): sys.exit(3)

    run_register_process(Slow())
    def main():
        before = counts()
        for name, message in (("b", "sleep"), ("c", "call"), ("k", "sleep")):
            cast(name, "long", message)
        sleep(0.2)
        cast("killer", "die")
        sleep(0.7)
        print([call(name, "ok")[1] for name in "bck"])
        print(settled(before))
    inner = Supervisor([Long("b"), Long("c"), child(Long("k"), shutdown="brutal_kill"), Killer],
                       strategy=ONE_FOR_ALL, max_restarts=5)
    run_register_process(inner)
    cast(run_register_process(Long("a")), "long", "sleep")
    sleep(0.2)
    class Main(GenPy):
        @receive("main")
        def main(self): main()
    call(run_register_process(Main()), "main", timeout=30)
    """

    result = run(program)
    assert result.status == 0
    out = String.split(result.out, "\n", trim: true)

    assert "['fine', 'fine', 'fine']" in out
    assert "baseline" in out
    # Killed, it has no time for @stop; its task is cancelled all the same.
    assert Enum.filter(out, &String.starts_with?(&1, "k ")) |> Enum.sort() ==
             ["k CancelledError", "k finally", "k task"]

    for name <- ["a", "b", "c"] do
      mine = for line <- out, String.starts_with?(line, name <> " "), do: line
      assert "#{name} CancelledError" in mine
      assert "#{name} finally" in mine
      assert "#{name} task" in mine
      stop = Enum.find_index(mine, &(&1 =~ " stop "))
      assert Enum.find_index(mine, &(&1 == "#{name} finally")) < stop
    end
  end

  test "one message at a time, whether handlers are async or not" do
    program = """
    class Mixed(GenPy):
        name = "mixed"
        def __init__(self): self.log, self.inside = [], 0
        def enter(self, what):
            assert self.inside == 0
            self.inside += 1
            self.log.append(what)
        @receive("async")
        async def asynchronous(self, message):
            self.enter(message)
            await asyncio.sleep(0.002)
            helper(1)
            self.inside -= 1
            return message
        @receive("plain")
        def plain(self, message):
            self.enter(message)
            sleep(0.002)
            helper(1)
            self.inside -= 1
            return message
        @receive("log")
        async def all(self): return self.log

    class Asker(GenPy):
        @receive("go")
        async def go(self):
            for n in range(100):
                cast("mixed", "plain" if n % 3 else "async", n)
            answers = await asyncio.gather(*(call_async("mixed", ("plain", "async")[n % 2], n) for n in range(20)))
            return [answer for _, answer in answers] == list(range(20)), call("mixed", "log")[1][:100] == list(range(100))

    run_register_process(Slow())
    run_register_process(Mixed())
    before = counts()
    print(call(run_register_process(Asker()), "go", timeout=20))
    before["actors"] += 1
    before["handles"] += 1
    print(settled(before))
    """

    assert lines(program) == ["(<Status.OK: 'ok'>, (True, True))", "baseline"]
  end

  test "timeouts: of call, of asyncio around it; the late answer is nobody's" do
    program = """
    class Asker(GenPy):
        @receive("go")
        async def go(self):
            seen = [await call_async("slow", "twice", (0.2, "late"), timeout=0.05)]
            try:
                async with asyncio.timeout(0.05):
                    helper("later", 0.3)
            except TimeoutError:
                seen.append("timeout")
            try:
                await asyncio.wait_for(call_async("other", "twice", (0.1, "x")), 0.05)
            except TimeoutError:
                seen.append("wait_for")
            task = asyncio.create_task(call_async("other", "twice", (0.1, "y")))
            await asyncio.sleep(0)
            task.cancel()
            seen.append((await asyncio.gather(task, return_exceptions=True))[0].__class__.__name__)
            seen += [call("other", "twice", (0, n))[1] for n in range(3)]
            seen += await asyncio.gather(*(asyncio.to_thread(helper, n) for n in range(3)))
            return seen, await call_async("nobody", "x"), await call_async("gone", "x")
        @receive("more")
        async def more(self):
            for _ in range(200):
                try:
                    async with asyncio.timeout(0.0005):
                        await asyncio.gather(*(call_async("other", "twice", (0.0004, n)) for n in range(5)))
                except TimeoutError:
                    pass
                a, b = asyncio.create_task(call_async("other", "twice", (0, 1))), helper(2)
                assert (await a)[1] == 2 and b == 4
            return "right"

    class Gone(GenPy):
        name = "gone"
        @receive("x")
        async def go(self):
            await asyncio.sleep(0.1)
            sys.exit()

    run_register_process(Slow())
    run_register_process(Slow("other"))
    asker = run_register_process(Asker())
    before = counts()
    run_register_process(child(Gone(), restart="temporary"))
    for each in call(asker, "go")[1][0]: print(each)
    print(call(asker, "more", timeout=60))
    print(settled(before))
    """

    assert lines(program) == [
             "(<Status.TIMEOUT: 'timeout'>, None)",
             "timeout",
             "wait_for",
             "CancelledError",
             "0",
             "2",
             "4",
             "0",
             "2",
             "4",
             "(<Status.OK: 'ok'>, 'right')",
             "baseline"
           ]
  end

  test "an HTTP server as an actor: its connections call other actors; it is closed with it" do
    program = """
    class Web(GenPy):
        name = "web"
        @start()
        async def listen(self):
            self.server = await asyncio.start_server(self.serve, "127.0.0.1", int(sys.argv[1]))
            self.port = self.server.sockets[0].getsockname()[1]
        async def serve(self, reader, writer):
            request = (await reader.readline()).decode()
            while (await reader.readline()).strip():
                pass
            answer = self.answer(request.split()[1])
            writer.write(f"HTTP/1.0 200 OK\\r\\n\\r\\n{answer}".encode())
            await writer.drain()
            writer.close()
        def answer(self, path):
            number = int(path[1:])
            return f"{helper(number, 0.1)} {ProcessID() == whereis('web')}"
        @receive("port")
        def which(self): return self.port
        @receive("crash")
        async def crash(self): raise RuntimeError("crash")

    class Browser(GenPy):
        @receive("go")
        async def go(self, message):
            async def get(n):
                reader, writer = await asyncio.open_connection("127.0.0.1", message)
                writer.write(f"GET /{n} HTTP/1.0\\r\\n\\r\\n".encode())
                text = (await reader.read()).decode()
                writer.close()
                return text.split("\\r\\n\\r\\n")[1]
            return await asyncio.gather(*map(get, range(20)))

    def main():
        browser = run_register_process(Browser())
        port = call("web", "port")[1]
        print(call(browser, "go", port, timeout=20)[1] == [f"{2 * n} True" for n in range(20)])
        print(call("web", "crash")[0].value)
        sleep(0.3)
        print(call("web", "port")[1] == port, call(browser, "go", port, timeout=20)[1][7])

    import http.server, socket
    Supervisor([Slow, Web, child(main, restart="transient", significant=True)])
    """

    {:ok, socket} = :gen_tcp.listen(0, reuseaddr: true)
    {:ok, port} = :inet.port(socket)
    :gen_tcp.close(socket)
    result = Program.run(@actors <> program, args: ["#{port}"])
    assert String.split(result.out, "\n", trim: true) == ["True", "down", "True 14 True"]
    assert result.status == 0
  end

  test "subprocesses, queues and locks of asyncio work" do
    program = """
    class Uses(GenPy):
        @receive("go")
        async def go(self):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "print(input()[::-1])", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
            out, _ = await process.communicate(b"hello\\n")
            queue, lock = asyncio.Queue(), asyncio.Lock()
            async def produce(n):
                async with lock:
                    helper(n)
                    await queue.put(n)
            async with asyncio.TaskGroup() as group:
                for n in range(10):
                    group.create_task(produce(n))
            return out, process.returncode, [queue.get_nowait() for _ in range(10)]

    run_register_process(Slow())
    print(call(run_register_process(Uses()), "go", timeout=20))
    """

    assert lines(program) == [
             "(<Status.OK: 'ok'>, (b'olleh\\n', 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))"
           ]
  end

  test "the program ends in order, and soon, whatever is left in the loop" do
    program = """
    class Leaves(GenPy):
        name = "leaves"
        @start()
        async def boot(self):
            asyncio.create_task(self.forever())
            self.numbers = numbers()
            await anext(self.numbers)
        async def forever(self):
            try:
                await asyncio.sleep(1000)
            finally:
                print("cancelled", flush=True)
        @receive("stubborn")
        async def stubborn(self):
            asyncio.get_running_loop().create_task(stubborn(), context=__import__("contextvars").Context())
    async def numbers():
        try:
            yield 1
        finally:
            print("generator closed", flush=True)
    async def stubborn():
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                pass
    def main():
        cast("leaves", "stubborn")
        sleep(0.1)
    Supervisor([Leaves, child(main, restart="transient", significant=True)])
    """

    begun = System.monotonic_time(:millisecond)
    assert Enum.sort(lines(program)) == ["cancelled", "generator closed"]
    assert System.monotonic_time(:millisecond) - begun < 20_000
    # And when nothing resists.
    program = String.replace(program, ~s{cast("leaves", "stubborn")}, "None")
    assert Enum.sort(lines(program)) == ["cancelled", "generator closed"]
  end

  test "async defs are items; actors start others from the loop, and fail to start in it" do
    program = """
    async def item():
        await asyncio.sleep(0.01)
        print("item", ProcessID() == self_pid(), helper(2), flush=True)

    class Starts(GenPy):
        @receive("start")
        async def start(self):
            class New(GenPy):
                @start()
                async def boot(self):
                    await asyncio.sleep(0.05)
                    self.value = helper(21)
                @receive("value")
                async def get(self): return self.value
            pids = [run_register_process(New())]
            pids += await asyncio.gather(*(asyncio.to_thread(run_register_process, New()) for _ in range(3)))
            return [call(each, "value")[1] for each in pids]
        @receive("fail")
        async def fail(self):
            class New(GenPy):
                @start()
                async def boot(self):
                    await asyncio.sleep(0.01)
                    raise LookupError("it failed to start")
            try:
                run_register_process(New())
            except RuntimeError as error:
                return str(error).strip().split("\\n")[-1]
        @receive("self")
        async def myself(self):
            try:
                call(ProcessID(), "x")
            except RuntimeError as error:
                return str(error)

    def main():
        starts = run_register_process(Starts())
        for subject in ("start", "fail", "self"):
            print(call(starts, subject, timeout=20)[1])
    run_register_process(Slow())
    Supervisor([child(item, restart="transient"), child(main, restart="transient", significant=True)])
    """

    result = run(program)
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) |> Enum.sort() == [
             "LookupError: it failed to start",
             "[42, 42, 42, 42]",
             "an actor cannot call itself: it would wait for its own answer",
             "item True 4"
           ]
  end

  test "loops of the user's own, and threads of the loop, hear of the end too" do
    program = """
    class Runs(GenPy):
        def __init__(self, name): self.name = name
        @receive("loop")
        def loop(self):
            async def main():
                try:
                    await asyncio.gather(call_async("slow", "twice", (5, 1)), asyncio.sleep(0.01))
                except BaseException as error:
                    print(self.name, type(error).__name__, flush=True)
                    raise
            asyncio.run(main())
        @receive("thread")
        async def thread(self):
            def wait():
                try:
                    call("slow", "twice", (5, 1))
                except BaseException as error:
                    print(self.name, type(error).__name__, flush=True)
                    raise
            await asyncio.to_thread(wait)
    def main():
        cast("loop", "loop")
        cast("thread", "thread")
        sleep(0.3)
    Supervisor([Slow, Runs("loop"), Runs("thread"), child(main, restart="transient", significant=True)])
    """

    begun = System.monotonic_time(:millisecond)
    assert Enum.sort(lines(program)) == ["loop ActorExit", "thread ActorExit"]
    assert System.monotonic_time(:millisecond) - begun < 5_000
  end

  test "10,000 calls at once from one handler; a crash of each of 300 actors" do
    program = """
    class Echo(GenPy):
        name = "echo"
        @receive("echo")
        async def echo(self, message): return message
    class Storm(GenPy):
        @receive("go")
        async def go(self, message):
            async def one(n): return (await call_async("echo", "echo", n, timeout=60))[1]
            return await asyncio.gather(*(one(n) for n in range(message))) == list(range(message))
    class Dies(GenPy):
        @receive("die")
        async def die(self):
            asyncio.create_task(asyncio.sleep(100))
            await asyncio.sleep(0)
            sys.exit()
    run_register_process(Echo())
    storm = run_register_process(Storm())
    before = counts()
    print(call(storm, "go", 10_000, timeout=60))
    for _ in range(300):
        status, reason = call(run_register_process(child(Dies(), restart="temporary")), "die")
        assert (status, reason) == ("down", "normal")
    print(settled(before))
    """

    assert lines(program) == ["(<Status.OK: 'ok'>, True)", "baseline"]
  end
end
