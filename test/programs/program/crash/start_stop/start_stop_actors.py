import asyncio
import threading

from rebeam import GenPy, call, receive, sleep, stop

begun = threading.Semaphore(0)
ended = []


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("double")
    def double(self, message):
        return message * 2

    @receive("ask")
    def ask(self, message):
        return call(message[0], "double", message[1])[1]

    @receive("wait")
    def wait(self):
        begun.release()
        sleep(1000)

    @receive("wait on a thread")
    def wait_on_thread(self):
        begun.release()
        max([1], key=lambda _: sleep(1000))

    @receive("wait in asyncio")
    async def wait_in_asyncio(self):
        begun.release()
        await asyncio.sleep(1000)

    @receive("compute")
    def compute(self):
        begun.release()
        while True:
            pass

    @receive("begun")
    def how_many(self, message):
        return all(begun.acquire(timeout=20) for _ in range(message))

    @stop()
    def bye(self):
        ended.append(self.name)
