"""Actors under a DynamicSupervisor, started one after the other."""

import asyncio
import functools
import time

from bench.line import Goal, Line

from rebeam import DynamicSupervisor, GenPy, Supervisor, call, receive, start_child, start_children

line = Line("started one by one, each", "us", [Goal(50, words="20,000 a second")])


class Waiting(GenPy):
    @receive("x")
    def nothing(self):
        pass


class Starter(GenPy):
    name = "starter"

    @receive("one by one")
    def one_by_one(self, message):
        begin = time.perf_counter()
        for _ in range(message):
            start_child("pool", Waiting)
        return (time.perf_counter() - begin) * 1e6 / message

    @receive("many")
    def many(self, message):
        begin = time.perf_counter()
        start_children("pool", [Waiting] * message)
        return (time.perf_counter() - begin) * 1e6 / message


def ours(how, count):
    """Microseconds a start."""
    with Supervisor([DynamicSupervisor(name="pool"), Starter]):
        return call("starter", how, count, timeout=None)[1]


async def tasks(count):
    """A task with a queue each, which waits."""

    async def wait(queue):
        while True:
            await queue.get()

    begin = time.perf_counter()
    made = [asyncio.create_task(wait(asyncio.Queue())) for _ in range(count)]
    await asyncio.sleep(0)
    taken = time.perf_counter() - begin
    begin = time.perf_counter()
    for each in made:
        each.cancel()
    await asyncio.gather(*made, return_exceptions=True)
    return taken * 1e6 / count, (time.perf_counter() - begin) * 1e6 / count


def by_pykka(count):
    """Microseconds a start, and an end."""
    import pykka

    class Resting(pykka.ThreadingActor):
        pass

    begin = time.perf_counter()
    for _ in range(count):
        Resting.start()
    taken = time.perf_counter() - begin
    begin = time.perf_counter()
    pykka.ActorRegistry.stop_all()
    return taken * 1e6 / count, (time.perf_counter() - begin) * 1e6 / count


line.ours(3_000)(functools.partial(ours, "one by one"))
line.entry("asyncio", 20_000)(lambda count: asyncio.run(tasks(count))[0])
line.elixir("GenServer", 20_000)
line.entry("pykka", 1_000, "pykka")(lambda count: by_pykka(count)[0])

if __name__ == "__main__":
    line.serve()
