import asyncio
import sys

from waiting import wait_until

from rebeam import GenPy, Supervisor, cast, child, receive, start

begun = []


class Leaves(GenPy):
    name = "leaves"

    @start()
    async def boot(self):
        asyncio.create_task(self.forever())
        self.numbers = numbers()
        await anext(self.numbers)

    async def forever(self):
        try:
            await asyncio.sleep(1000)
        finally:
            print("cancelled", flush=True)

    @receive("stubborn")
    async def stubborn(self):
        asyncio.get_running_loop().create_task(
            stubborn(), context=__import__("contextvars").Context()
        )


async def numbers():
    try:
        yield 1
    finally:
        print("generator closed", flush=True)


async def stubborn():
    begun.append(True)
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass


def main():
    if "stubborn" in sys.argv:
        cast("leaves", "stubborn")
        wait_until(lambda: begun)


Supervisor([Leaves, child(main, restart="transient", significant=True)])
