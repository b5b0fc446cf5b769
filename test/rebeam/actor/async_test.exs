defmodule Rebeam.Actor.AsyncTest do
  # `async def` handlers: tasks of one asyncio loop, each its actor's.
  use ExUnit.Case, async: true

  import Rebeam.AsyncProgram

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

    assert lines!(program) == [
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

    assert lines!(program) == [
             "handler Wrong.it must return, not yield",
             "8 False",
             "[]"
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
    refute first =~ "event_loop.py"
    assert task =~ ~r/ExceptionGroup: .*KeyError: 'in a task'/
    assert unsendable =~ "cannot pickle '_thread.lock' object"
    assert cancel =~ "CancelledError"
    assert result.err =~ "actor Bad"
    assert result.err =~ ~s{in @receive("raise")}
    refute result.err =~ "event_loop.py"
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

    assert lines!(program) == ["(<Status.OK: 'ok'>, (True, True))", "baseline"]
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
end
