"""Actors that a DynamicSupervisor ends, each of which runs its @stop."""

import asyncio
import time

from bench.line import Goal, Line
from bench.lines import start_one

from rebeam import (
    Counter,
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    receive,
    start_children,
    stop,
    terminate_child,
)

line = Line("ended, each", "us", [Goal(30, words="a million in 30 s")])


class Waiting(GenPy):
    @stop()
    def end(self):
        Counter("ended").add()


class Ending(GenPy):
    name = "ending"

    @receive("go")
    def go(self, message):
        start_children("pool", [Waiting] * message)
        before = Counter("ended").get()
        begin = time.perf_counter()
        terminate_child("top", "pool")
        taken = time.perf_counter() - begin
        assert Counter("ended").get() - before == message
        return taken * 1e6 / message


@line.ours(20_000)
def ours(count):
    with Supervisor([DynamicSupervisor(name="pool"), Ending], name="top"):
        return call("ending", "go", count, timeout=None)[1]


line.entry("asyncio", 20_000)(lambda count: asyncio.run(start_one.tasks(count))[1])
line.elixir("GenServer", 5_000)
line.entry("pykka", 1_000, "pykka")(lambda count: start_one.by_pykka(count)[1])

if __name__ == "__main__":
    line.serve()
