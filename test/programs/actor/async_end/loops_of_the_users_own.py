import asyncio

from async_actors import Slow

from rebeam import GenPy, Supervisor, call, call_async, cast, child, receive, sleep


class Runs(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("loop")
    def loop(self):
        async def main():
            try:
                await asyncio.gather(call_async("slow", "twice", (5, 1)), asyncio.sleep(0.01))
            except BaseException as error:
                print(self.name, type(error).__name__, flush=True)
                raise

        asyncio.run(main())

    @receive("thread")
    async def thread(self):
        def wait():
            try:
                call("slow", "twice", (5, 1))
            except BaseException as error:
                print(self.name, type(error).__name__, flush=True)
                raise

        await asyncio.to_thread(wait)


def main():
    cast("loop", "loop")
    cast("thread", "thread")
    sleep(0.3)


Supervisor([Slow, Runs("loop"), Runs("thread"), child(main, restart="transient", significant=True)])
