"""To all hundred members of a group, until each has handled what came. asyncio's gather calls them,
and its put_nowait does what broadcast does."""

import asyncio
import time

from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call, call_many, join, receive, start
from rebeam import broadcast as to_all

line = Line("broadcast to 100 actors, each", "us", [Goal(1.0, "asyncio gather")])
MEMBERS = 100


class Member(GenPy):
    def __init__(self, number):
        self.name, self.sum = f"member {number}", 0

    @start()
    def boot(self):
        join("all")

    @receive("add")
    def add(self, message):
        self.sum += message

    @receive("sum")
    def total(self):
        return self.sum


class Sender(GenPy):
    name = "sender"

    @receive("go")
    def go(self, message):
        begin = time.perf_counter()
        for _ in range(message):
            assert to_all("all", "add", 1) == MEMBERS
        sums = call_many([(f"member {n}", "sum", None) for n in range(MEMBERS)], timeout=None)
        taken = time.perf_counter() - begin
        assert sums == [("ok", message)] * MEMBERS, sums
        return taken * 1e6 / (message * MEMBERS)


@line.ours(20_000)
def ours(count):
    with Supervisor([*(Member(number) for number in range(MEMBERS)), Sender]):
        return call("sender", "go", max(count // MEMBERS, 1), timeout=None)[1]


async def gathered(rounds):
    async def member(queue):
        while True:
            _, future = await queue.get()
            future.set_result(None)

    async def ask(queue):
        future = asyncio.get_running_loop().create_future()
        queue.put_nowait((1, future))
        await future

    return await taking(member, rounds, lambda queues: asyncio.gather(*map(ask, queues)))


async def put(rounds):
    async def member(queue):
        while True:
            await queue.get()
            queue.task_done()

    async def send(queues):
        for queue in queues:
            queue.put_nowait(1)

    return await taking(member, rounds, send)


async def taking(member, rounds, send):
    queues = [asyncio.Queue() for _ in range(MEMBERS)]
    tasks = [asyncio.create_task(member(queue)) for queue in queues]
    begin = time.perf_counter()
    for _ in range(rounds):
        await send(queues)
    if send.__name__ == "send":
        for queue in queues:
            await queue.join()
    taken = time.perf_counter() - begin
    for task in tasks:
        task.cancel()
    return taken * 1e6 / (rounds * MEMBERS)


@line.entry("asyncio gather", 20_000)
def by_gather(count):
    return asyncio.run(gathered(max(count // MEMBERS, 1)))


@line.entry("asyncio", 20_000)
def by_asyncio(count):
    return asyncio.run(put(max(count // MEMBERS, 1)))


if __name__ == "__main__":
    line.serve()
