"""What a process grows by for each actor that waits for messages."""

import asyncio
import functools
import gc
import os
import time

from bench.line import Goal, Line

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    cast,
    receive,
    sleep,
    start_children,
    which_children,
)
from rebeam._runtime import rebeam_info

line = Line("memory of an idle actor", "kB", [Goal(4)], loads=["quiet"], fresh=True)


class Waiting(GenPy):
    @receive("rest")
    def rest(self):
        self.first()

    def first(self):
        self.second()

    def second(self):
        sleep(1000)


class Starter(GenPy):
    name = "starter"

    @receive("idle")
    def idle(self, message):
        start_children("pool", [Waiting] * message)

    @receive("suspended")
    def suspend(self, message):
        start_children("pool", [Waiting] * message)
        for each in which_children("pool"):
            cast(each.pid, "rest")
        while rebeam_info()["suspended"] < message:
            sleep(0.05)


def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ours(how, count):
    """kB an actor."""
    with Supervisor([DynamicSupervisor(name="pool"), Starter]):
        # What is loaded at the first start is not an actor's.
        assert call("starter", how, 1, timeout=None) == ("ok", None)
        before = resident()
        assert call("starter", how, count, timeout=None) == ("ok", None)
        time.sleep(2)
        size = (resident() - before) / count / 1000
        os.write(1, f'{{"figures": {size}}}\n'.encode())
        # Nobody waits for the end of them all.
        os._exit(0)


async def tasks(count):
    async def wait(queue):
        while True:
            await queue.get()

    before = resident()
    made = [asyncio.create_task(wait(asyncio.Queue())) for _ in range(count)]
    await asyncio.sleep(0)
    return (resident() - before) / len(made) / 1000


def by_pykka(count):
    import pykka

    class Resting(pykka.ThreadingActor):
        pass

    before = resident()
    for _ in range(count):
        Resting.start()
    size = (resident() - before) / count / 1000
    pykka.ActorRegistry.stop_all()
    return size


line.ours(100_000)(functools.partial(ours, "idle"))
line.entry("asyncio", 100_000)(lambda count: asyncio.run(tasks(count)))
line.elixir("GenServer", 100_000)
line.entry("pykka", 2_000, "pykka")(by_pykka)

if __name__ == "__main__":
    line.serve()
