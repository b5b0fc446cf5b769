"""Messages without an answer, from the first until the last one is handled."""

import asyncio
import time

from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call, receive
from rebeam import cast as send

line = Line("a cast, until it is handled", "us", [Goal(1.0), Goal(2.0, "asyncio")])


class Counter(GenPy):
    name = "counter"

    def __init__(self):
        self.sum = 0

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
            send("counter", "add", 1)
        answer = call("counter", "sum", timeout=None)
        taken = time.perf_counter() - begin
        assert answer == ("ok", message)
        return taken * 1e6 / message


@line.ours(100_000)
def ours(count):
    with Supervisor([Counter, Sender]):
        return call("sender", "go", count, timeout=None)[1]


async def put(count):
    async def counter(queue):
        while True:
            await queue.get()
            queue.task_done()

    queue = asyncio.Queue()
    task = asyncio.create_task(counter(queue))
    begin = time.perf_counter()
    for _ in range(count):
        queue.put_nowait(1)
    await queue.join()
    taken = time.perf_counter() - begin
    task.cancel()
    return taken * 1e6 / count


@line.entry("asyncio", 200_000)
def by_asyncio(count):
    return asyncio.run(put(count))


@line.entry("uvloop", 200_000, "uvloop")
def by_uvloop(count):
    import uvloop

    return uvloop.run(put(count))


line.elixir("GenServer", 300_000)


@line.entry("pykka", 50_000, "pykka")
def by_pykka(count):
    import pykka

    class Counting(pykka.ThreadingActor):
        def __init__(self):
            super().__init__()
            self.sum = 0

        def on_receive(self, message):
            self.sum += message
            return self.sum

    actor = Counting.start()
    begin = time.perf_counter()
    for _ in range(count):
        actor.tell(1)
    assert actor.ask(0) == count
    taken = time.perf_counter() - begin
    actor.stop()
    return taken * 1e6 / count


if __name__ == "__main__":
    line.serve()
