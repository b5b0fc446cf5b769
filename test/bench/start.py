"""What test/bench/start.exs asks for: actors, functions, and asyncio's tasks beside them."""

import asyncio
import gc
import time

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    cast,
    count_children,
    receive,
    restart_child,
    sleep,
    spawn_many,
    start_child,
    start_children,
    terminate_child,
    which_children,
)
from rebeam._runtime import rebeam_info


class Waiting(GenPy):
    def __init__(self):
        self.number = 0

    @receive("rest")
    def rest(self):
        self.first()

    def first(self):
        self.second()

    def second(self):
        self.third()

    def third(self):
        sleep(1000)


def one_by_one(count):
    for _ in range(count):
        start_child("pool", Waiting)


def many(count):
    start_children("pool", [Waiting] * count)


def instances(count):
    start_children("pool", (Waiting() for _ in range(count)))


ran = []


def functions(count):
    ran.clear()
    spawn_many(ran.append, range(count))
    while len(ran) < count:
        sleep(0.001)


async def tasks(count):
    async def wait(queue):
        while True:
            await queue.get()

    made = [asyncio.create_task(wait(asyncio.Queue())) for _ in range(count)]
    await asyncio.sleep(0)
    return made


STARTS = {
    "one by one": one_by_one,
    "many": many,
    "instances": instances,
    "functions": functions,
}


class Bench(GenPy):
    name = "bench"

    @receive("start")
    def start(self, message):
        how, count = message
        gc.collect()
        begin = time.perf_counter()
        {"one by one": one_by_one, "many": many, "instances": instances, "functions": functions}[
            how
        ](count)
        return time.perf_counter() - begin

    @receive("end")
    def end(self, message):
        assert count_children("pool")["active"] == message
        begin = time.perf_counter()
        terminate_child("top", "pool")
        taken = time.perf_counter() - begin
        restart_child("top", "pool")
        return taken

    @receive("suspend")
    def suspend(self, message):
        for each in which_children("pool"):
            cast(each.pid, "rest")
        while rebeam_info()["suspended"] < message:
            sleep(0.01)

    @receive("asyncio")
    def asyncio(self, message):
        gc.collect()
        return asyncio.run(timed(message))

    @receive("hold")
    def hold(self, message):
        self.loop = asyncio.new_event_loop()
        self.held = self.loop.run_until_complete(tasks(message))


async def timed(count):
    begin = time.perf_counter()
    made = await tasks(count)
    taken = time.perf_counter() - begin
    for each in made:
        each.cancel()
    return taken


Supervisor([DynamicSupervisor(name="pool"), Bench()], name="top")
