"""Python-to-Python calls: the pairs of call.exs, and a plain asyncio actor for scale.

Arguments: calls in all for each number of pairs. Prints lines `name value`, in
microseconds per call.
"""

import asyncio
import sys
import time

from rebeam import GenPy, call, cast, receive, response_ok, run_register_process

CALLS = int(sys.argv[1])


class Echo(GenPy):
    @receive("echo")
    def echo(self, message):
        return response_ok(message)


class Caller(GenPy):
    def __init__(self, target, calls):
        self.target = target
        self.calls = calls

    @receive("go")
    def go(self):
        wrong = 0
        for number in range(self.calls):
            _, answer = call(self.target, "echo", number)
            wrong += answer != number
        cast("collector", "done", wrong)


class Collector(GenPy):
    name = "collector"

    def __init__(self):
        self.waiting = 0
        self.wrong = 0

    @receive("expect")
    def expect(self, message):
        self.waiting, self.wrong = message, 0

    @receive("done")
    def done(self, message):
        self.waiting -= 1
        self.wrong += message

    @receive("waiting")
    def report(self):
        return response_ok((self.waiting, self.wrong))


def pairs(count):
    """Microseconds per call with `count` pairs at once."""
    each = max(CALLS // count, 1)
    echoes = [run_register_process(Echo()) for _ in range(count)]
    callers = [run_register_process(Caller(echo, each)) for echo in echoes]
    call("collector", "expect", count)
    begin = time.perf_counter()
    for caller in callers:
        cast(caller, "go")
    while (answer := call("collector", "waiting")[1])[0] > 0:
        time.sleep(0.002)
    end = time.perf_counter()
    assert answer[1] == 0, f"{answer[1]} wrong answers"
    return (end - begin) * 1e6 / (each * count)


async def asyncio_pairs(count):
    """The same by hand: an actor is a task with a queue, a call is a future."""
    each = max(CALLS // count, 1)

    async def echo(queue):
        while True:
            message, future = await queue.get()
            future.set_result(message)

    async def caller(queue):
        loop = asyncio.get_running_loop()
        for number in range(each):
            future = loop.create_future()
            queue.put_nowait((number, future))
            assert await future == number

    queues = [asyncio.Queue() for _ in range(count)]
    tasks = [asyncio.create_task(echo(queue)) for queue in queues]
    begin = time.perf_counter()
    await asyncio.gather(*[caller(queue) for queue in queues])
    end = time.perf_counter()
    for task in tasks:
        task.cancel()
    return (end - begin) * 1e6 / (each * count)


def main():
    run_register_process(Collector())
    for count in (1, 10, 100, 1000):
        print(f"asyncio.{count}", asyncio.run(asyncio_pairs(count)), flush=True)
        print(f"rebeam.{count}", pairs(count), flush=True)


if __name__ == "__main__":
    main()
