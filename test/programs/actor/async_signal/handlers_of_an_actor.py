"""What asynchronous handlers ask their loop to do on a signal is done when their actor ends."""

import asyncio
import signal

from rebeam import *


class Serving(GenPy):
    def __init__(self, name, number):
        self.name = name
        self.number = number

    @start(continues=True)
    async def serve(self):
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, print, "not reached")
        loop.add_signal_handler(self.number, stop.set)
        cast("all", "serves")
        try:
            await stop.wait()
            await asyncio.sleep(0)
            print(self.name, "ended by its handler", flush=True)
        except asyncio.CancelledError:
            print(self.name, "cancelled", flush=True)
            raise


class Leaving(Serving):
    async def serve(self):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self.leave)
        cast("all", "serves")
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            print(self.name, "cancelled", flush=True)
            raise

    def leave(self):
        raise SystemExit("as aiohttp's does")

    serve = start(continues=True)(serve)


class Removing(Leaving):
    async def serve(self):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, print, "not reached")
        removed = [loop.remove_signal_handler(signal.SIGTERM) for _ in range(2)]
        print(self.name, removed, flush=True)
        await super().serve()

    serve = start(continues=True)(serve)


class All(GenPy):
    name = "all"
    left = 4

    @receive("serves")
    def serves(self):
        self.left -= 1
        if self.left == 0:
            print("ready", flush=True)


if __name__ == "__main__":
    Supervisor(
        [
            All,
            Serving("a", signal.SIGTERM),
            Serving("b", signal.SIGINT),
            Leaving("c", None),
            Removing("d", None),
        ]
    )
