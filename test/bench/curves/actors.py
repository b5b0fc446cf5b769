"""So many actors of one supervisor: their start, a call to each of many, their memory, their end."""

import gc
import os
import random
import time

from bench.line import Curve, decades

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    receive,
    restart_child,
    start_child,
    start_children,
    terminate_child,
)

curve = Curve(
    "actors",
    "actors",
    {
        "start in bulk": "us each",
        "start of one more": "us",
        "call": "us",
        "memory": "kB each",
        "end": "us each",
    },
    decades(10, 1_000_000),
)


class Waiting(GenPy):
    @receive("echo")
    def echo(self, message):
        return message


class Driver(GenPy):
    name = "driver"

    @receive("go")
    def go(self, message):
        # What the first ones load is not theirs.
        start_children("pool", [Waiting] * 10)
        terminate_child("top", "pool")
        restart_child("top", "pool")
        items = [Waiting] * message
        before = resident()
        begin = time.perf_counter()
        actors = start_children("pool", items)
        started = time.perf_counter() - begin
        size = resident() - before
        asked = random.Random(1).choices(actors, k=20_000)
        begin = time.perf_counter()
        for actor in asked:
            assert call(actor, "echo", 1)[1] == 1
        called = time.perf_counter() - begin
        begin = time.perf_counter()
        for _ in range(100):
            start_child("pool", Waiting)
        more = time.perf_counter() - begin
        begin = time.perf_counter()
        terminate_child("top", "pool")
        ended = time.perf_counter() - begin
        figures = {
            "start in bulk": started * 1e6 / message,
            "start of one more": more * 1e6 / 100,
            "call": called * 1e6 / len(asked),
            "end": ended * 1e6 / (message + 100),
        }
        # A few hundred fit into what the process has anyway.
        return figures | ({"memory": size / message / 1000} if message >= 1_000 else {})


def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@curve.measure
def measure(size):
    with Supervisor([DynamicSupervisor(name="pool"), Driver], name="top"):
        status, figures = call("driver", "go", size, timeout=None)
        assert status == "ok", figures
        return figures


if __name__ == "__main__":
    curve.serve()
