import asyncio
import time

from async_actors import Slow, helper
from baseline import rebeam_info

from rebeam import (
    GenPy,
    ProcessID,
    call,
    call_async,
    cast,
    receive,
    run_register_process,
    self_pid,
    sleep,
    whereis,
)


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
    def __init__(self):
        self.ticks = []

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
            return await asyncio.gather(
                *(call_async(p, subject, i, timeout=60) for i, p in enumerate(pids))
            )

    return call(run_register_process(All()), "go", timeout=60)[1]


run_register_process(Slow("slow2"))
run_register_process(Slow())
slow = [run_register_process(Slow(None)) for _ in range(50)]
ticker = run_register_process(Ticker())


class Each(GenPy):
    def __init__(self, target):
        self.target = target

    @receive("ask")
    async def ask(self, message):
        def inner(seconds):
            return call(self.target, "twice", (seconds, message))[1]

        return inner(2.0), [inner(0) for _ in range(2)]

    @receive("rest")
    async def rest(self, message):
        time.sleep(2.0)
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
# One after the other they would take 200 seconds.
print("at once" if time.monotonic() - begun < 60 else time.monotonic() - begun)
longest = call(ticker, "longest", timeout=30)[1]
# Less than any of them waits.
print("ticks" if longest < 2.0 else longest)
print(rebeam_info()["threads"] - before < 8)
