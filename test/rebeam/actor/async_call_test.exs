defmodule Rebeam.Actor.AsyncCallTest do
  # Calls in asynchronous code: the task waits, the loop does not.
  use ExUnit.Case, async: true

  import Rebeam.AsyncProgram

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

    assert lines!(program) == ["suspended 201", "quick", "200 True", "baseline"]
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

    assert lines!(program) == ["True", "True", "at once", "ticks", "True"]
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

    assert lines!(program) == [
             "(<Status.OK: 'ok'>, (True, True, 33))",
             "baseline",
             "([0, 2, 4, 6, 8, 10, 12, 14, 16, 18], 2, True)",
             "(<Status.OK: 'ok'>, 6)",
             "baseline"
           ]
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

    assert lines!(program) == [
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

    assert lines!(program) == ["(<Status.OK: 'ok'>, True)", "baseline"]
  end

  test "what asyncio offers to wait with, and every form of code that calls" do
    program = """
    class Base(GenPy):
        @receive("inherited")
        async def inherited(self, message): return helper(message)
        @receive("overridden")
        def overridden(self): return "plain"
    class Forms(Base):
        @receive("inherited")
        async def inherited(self, message): return await super().inherited(message), helper(2)
        async def overridden(self): return helper("async")
        @receive("shield")
        async def shield(self):
            return (await asyncio.ensure_future(asyncio.shield(call_async("slow", "twice", (0, 5)))))[1]
        @receive("as_completed")
        async def as_completed(self):
            waits = asyncio.as_completed([call_async("slow", "twice", (0, n)) for n in range(4)])
            return sorted([(await each)[1] for each in waits])
        @receive("wait")
        async def wait(self):
            tasks = [asyncio.create_task(call_async("slow", "twice", (n * 0.05, n))) for n in range(3)]
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return [task.result()[1] for task in done], [task.cancel() for task in pending]
        @receive("threads")
        async def threads(self):
            loop = asyncio.get_running_loop()
            def back(): return asyncio.run_coroutine_threadsafe(call_async("slow", "twice", (0, 3)), loop).result()
            return await loop.run_in_executor(None, helper, 8), (await asyncio.to_thread(back))[1]
        @receive("generators")
        async def generators(self):
            async def numbers():
                for n in range(3):
                    yield helper(n)
            return [n async for n in numbers()], {n: helper(n) async for n in numbers()}, list(helper(n) for n in range(2))
        @receive("expressions")
        async def expressions(self):
            match helper([1]):
                case [1, second] if (more := helper(second)) == 2:
                    return more, eval("helper(4)"), (lambda: helper(6))(), [f(7) for f in [helper]], f"{helper('f')}"
        @receive("nested")
        async def nested(self):
            async def inner():
                def inmost():
                    class Asks:
                        def __init__(self): self.answer = helper(3)
                    return Asks().answer
                return inmost()
            return await inner(), await asyncio.create_task(inner())
        @receive("casts")
        async def casts(self):
            return cast("slow", "twice", (0, 1)), cast("nobody", "x"), send("slow", 1), "slow" in registered()
    run_register_process(Slow())
    forms = run_register_process(Forms())
    for subject in ("inherited", "overridden", "shield", "as_completed", "wait", "threads", "generators", "expressions", "nested", "casts"):
        print(call(forms, subject, 1)[1])
    """

    assert lines!(program) == [
             "(2, 4)",
             "asyncasync",
             "10",
             "[0, 2, 4, 6]",
             "([0], [True, True])",
             "(16, 6)",
             "([0, 2, 4], {0: 0, 2: 4, 4: 8}, [0, 2])",
             "(2, 8, 12, [14], 'ff')",
             "(6, 6)",
             "(True, False, True, True)"
           ]
  end

  test "crashes, timeouts and cancellations under load: every answer is right, or there is none" do
    program = """
    import random
    class Worker(GenPy):
        def __init__(self, number): self.name, self.number = f"w{number}", number
        @start()
        async def boot(self):
            asyncio.create_task(self.background())
        async def background(self):
            while True:
                await asyncio.sleep(random.random() * 0.05)
                call(f"w{(self.number + 1) % 20}", "plain", 1, timeout=0.01)
        @receive("async")
        async def asynchronous(self, message):
            chance = random.random()
            if chance < 0.02: raise ValueError("planned")
            if chance < 0.03: sys.exit(0)
            if chance < 0.4: await asyncio.sleep(random.random() * 0.01)
            elif chance < 0.7: call(f"w{(self.number + 1 + random.randrange(18)) % 20}", "plain", 1, timeout=0.02)
            return message
        @receive("plain")
        def plain(self, message):
            if random.random() < 0.01: raise ValueError("planned")
            sleep(0.001)
            return message
    class Client(GenPy):
        @receive("go")
        async def go(self, message):
            seen = set()
            async def ask(n):
                try:
                    async with asyncio.timeout(random.choice([0.001, 0.01, 5])):
                        status, answer = await call_async(
                            f"w{random.randrange(20)}", random.choice(["async", "plain"]), n, timeout=random.choice([0.005, 5]))
                except TimeoutError:
                    return
                assert status != "ok" or answer == n, (answer, n)
                seen.add(status.value)
            end = time.monotonic() + message
            while time.monotonic() < end:
                await asyncio.gather(*(ask(n) for n in range(20)))
            return sorted(seen)
    def main():
        clients = [run_register_process(Client()) for _ in range(5)]
        class All(GenPy):
            @receive("go")
            async def go(self):
                return await asyncio.gather(*(call_async(each, "go", 3, timeout=60) for each in clients))
        answers = call(run_register_process(All()), "go", timeout=60)[1]
        print(all(status == "ok" for status, _ in answers), sorted({each for _, seen in answers for each in seen}))
    Supervisor([Worker(n) for n in range(20)] + [child(main, restart="transient", significant=True)],
               max_restarts=100000, max_seconds=1)
    """

    result = run(program)
    assert result.status == 0
    assert result.out == "True ['down', 'ok', 'timeout']\n"
    refute result.err =~ "never retrieved"
  end
end
