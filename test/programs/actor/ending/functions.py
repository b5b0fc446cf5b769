"""Function children that are told that they end: each prints its name then."""

import asyncio
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

from waiting import wait_until

from rebeam import GenPy, Supervisor, call, cast, child, receive


class Judge(GenPy):
    name = "judge"

    def __init__(self):
        self.ready = 0

    @receive("ready")
    def one(self):
        self.ready += 1

    @receive("count")
    def count(self):
        return self.ready


def told(name, work):
    try:
        cast("judge", "ready")
        work()
    finally:
        print(name, cast("judge", "ready"), flush=True)


def computes():
    def work():
        n = 0
        while True:
            n += 1

    told("computes", work)


def waits_in_turns():
    def work():
        while not threading.Event().wait(0.1):
            pass

    told("waits in turns", work)


def waits():
    told("waits", lambda: threading.Event().wait())


def takes():
    told("takes", lambda: queue.Queue().get())


def sleeps():
    told("sleeps", lambda: time.sleep(1000))


def runs_a_loop():
    async def main():
        cast("judge", "ready")
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            print("runs a loop", cast("judge", "ready"), flush=True)
            raise

    asyncio.run(main())


def runs_for_ever():
    told("runs for ever", asyncio.new_event_loop().run_forever)


def completes():
    async def main():
        await asyncio.Event().wait()

    told("completes", lambda: asyncio.new_event_loop().run_until_complete(main()))


class Server:
    """Ends as uvicorn's does: on a signal, with what is to be done then, and not if cancelled."""

    should_exit = False

    async def serve(self):
        cast("judge", "ready")
        while not self.should_exit:
            await asyncio.sleep(0.01)
        print("serves", cast("judge", "ready"), flush=True)

    def handle_exit(self, number, frame):
        self.should_exit = number == signal.SIGTERM


def serves():
    asyncio.run(Server().serve())


def swallows():
    def work():
        try:
            time.sleep(1000)
        except BaseException:
            time.sleep(0.01)  # it is told once
            raise

    told("swallows", work)


FUNCTIONS = (
    computes,
    waits_in_turns,
    waits,
    takes,
    sleeps,
    runs_a_loop,
    runs_for_ever,
    completes,
    serves,
    swallows,
)


def end():
    wait_until(lambda: call("judge", "count")[1] == len(FUNCTIONS))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(1000)


if __name__ == "__main__":
    where: Any = sys.argv[1]
    children = [child(each, shutdown=300.0, isolation=where) for each in FUNCTIONS]
    Supervisor(modules=[Judge, *children, child(end, isolation="shared")])
