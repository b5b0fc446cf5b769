import asyncio

from async_actors import Slow
from waiting import wait_until

from rebeam import GenPy, Supervisor, call, call_async, cast, child, receive

begun = []


class Runs(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("loop")
    def loop(self):
        async def main():
            try:
                begun.append(self.name)
                await asyncio.gather(call_async("slow", "twice", (60, 1)), asyncio.sleep(0.01))
            except BaseException as error:
                print(self.name, type(error).__name__, flush=True)
                raise

        asyncio.run(main())

    @receive("thread")
    async def thread(self):
        def wait():
            try:
                begun.append(self.name)
                call("slow", "twice", (60, 1))
            except BaseException as error:
                print(self.name, type(error).__name__, flush=True)
                raise

        await asyncio.to_thread(wait)


def main():
    cast("loop", "loop")
    cast("thread", "thread")
    wait_until(lambda: len(begun) == 2)


Supervisor([Slow, Runs("loop"), Runs("thread"), child(main, restart="transient", significant=True)])
