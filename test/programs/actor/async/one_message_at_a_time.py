import asyncio

from async_actors import Slow, helper
from baseline import counts, settled

from rebeam import GenPy, call, call_async, cast, receive, run_register_process, sleep


class Mixed(GenPy):
    name = "mixed"

    def __init__(self):
        self.log, self.inside = [], 0

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
    async def all(self):
        return self.log


class Asker(GenPy):
    @receive("go")
    async def go(self):
        for n in range(100):
            cast("mixed", "plain" if n % 3 else "async", n)
        answers = await asyncio.gather(
            *(call_async("mixed", ("plain", "async")[n % 2], n, 20) for n in range(20))
        )
        return [answer for _, answer in answers] == list(range(20)), call("mixed", "log")[1][
            :100
        ] == list(range(100))


run_register_process(Slow())
run_register_process(Mixed())
before = counts()
print(call(run_register_process(Asker()), "go", timeout=20))
before["actors"] += 1
before["handles"] += 1
print(settled(before))
