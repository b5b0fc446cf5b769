import asyncio
import time

from async_actors import Slow
from baseline import rebeam_info

from rebeam import (
    GenPy,
    ProcessID,
    call,
    call_async,
    cast,
    no_reply,
    receive,
    reply,
    run_register_process,
    self_pid,
    sleep,
    whereis,
)

COUNT = 50


class Gate(GenPy):
    """Answers nobody until all wait, and the loop that they wait in has done something else."""

    name = "gate"

    def __init__(self):
        self.waiting = []

    @receive("twice")
    def twice(self, message, source):
        self.waiting.append((source, message))
        if len(self.waiting) == COUNT:
            cast("ticker", "tick", 40)
        return no_reply()

    @receive("open")
    def open(self):
        for source, message in self.waiting:
            reply(source, 2 * message)


class Ticker(GenPy):
    name = "ticker"

    @receive("tick")
    async def tick(self, message):
        for _ in range(message):
            await asyncio.sleep(0.001)
        cast("gate", "open")


class Each(GenPy):
    @receive("ask")
    async def ask(self, message):
        def inner(target, question):
            return call(target, "twice", question, timeout=60)[1]

        return inner("gate", message), [inner("slow", (0, message)) for _ in range(2)]

    @receive("rest")
    async def rest(self):
        log.append("begun")
        time.sleep(2.0)
        sleep(0.1)
        log.append("ended")
        return whereis("slow") is not None, self_pid() == ProcessID()


class All(GenPy):
    name = "all"

    @receive("go")
    async def go(self, message):
        return await asyncio.gather(
            *(call_async(pid, message, i, timeout=60) for i, pid in enumerate(each))
        )


for item in (Slow(), Gate(), Ticker(), All()):
    run_register_process(item)
each = [run_register_process(Each()) for _ in range(COUNT)]
before = rebeam_info()["threads"]
answers = call("all", "go", "ask", timeout=60)[1]
print(answers == [("ok", (2 * i, [2 * i] * 2)) for i in range(COUNT)])
log = []
print(set(call("all", "go", "rest", timeout=60)[1]) == {("ok", (True, True))})
print(log.index("ended") > 1, log.count("ended"))
print(rebeam_info()["threads"] - before < 8)
