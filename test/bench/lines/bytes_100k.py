"""100 kB of bytes in a call between two actors of one OS process, dropped and kept by the receiver.
What a copy takes is said beside it: a queue of asyncio hands the object itself over."""

import asyncio
import functools
import pickle
import time

from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call, receive

line = Line("100 kB of bytes in a call", "us", [Goal(12)])


class Receiver(GenPy):
    name = "receiver"

    def __init__(self):
        self.kept = []

    @receive("drop")
    def drop(self, message):
        return len(message)

    @receive("keep")
    def keep(self, message):
        self.kept = [*self.kept[-7:], message]
        return len(message)


class Sender(GenPy):
    name = "sender"

    @receive("go")
    def go(self, message):
        """Microseconds a call, of the dearer of both."""
        make, count = message
        value = make()
        times = []
        for subject in ("drop", "keep"):
            begin = time.perf_counter()
            for _ in range(count):
                assert call("receiver", subject, value)[1] == len(value)
            times.append((time.perf_counter() - begin) * 1e6 / count)
        return max(times)


def hundred():
    return bytes(100_000)


def ours(make, count):
    with Supervisor([Receiver, Sender]):
        status, figure = call("sender", "go", (make, count), timeout=None)
        assert status == "ok", figure
        return figure


async def queued(value, count):
    async def receiver(queue):
        kept = []
        while True:
            message, future = await queue.get()
            kept = [*kept[-7:], message]
            future.set_result(len(message))

    queue = asyncio.Queue()
    task = asyncio.create_task(receiver(queue))
    begin = time.perf_counter()
    for _ in range(count):
        future = asyncio.get_running_loop().create_future()
        queue.put_nowait((value, future))
        assert await future == len(value)
    taken = time.perf_counter() - begin
    task.cancel()
    return taken * 1e6 / count


def by_pickle(value, count):
    """Microseconds a copy, as between two processes, without the way there."""
    kept = []
    begin = time.perf_counter()
    for _ in range(count):
        kept = [*kept[-7:], pickle.loads(pickle.dumps(value, protocol=5))]
    return (time.perf_counter() - begin) * 1e6 / count


line.ours(5_000)(functools.partial(ours, hundred))
line.entry("asyncio", 20_000)(lambda count: asyncio.run(queued(hundred(), count)))
line.entry("pickled", 5_000)(lambda count: by_pickle(hundred(), count))

if __name__ == "__main__":
    line.serve()
