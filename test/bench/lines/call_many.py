"""A thousand calls to ten actors, all in flight at once: call_many, beside asyncio's gather."""

import asyncio
import time

from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call, child, receive
from rebeam import call_many as call_at_once

line = Line("call_many, 1,000 calls to 10 actors, each", "us", [Goal(1.0, "asyncio")])
REQUESTS, ACTORS = 1_000, 10


class Echo(GenPy):
    @receive("echo")
    def echo(self, message):
        return message


class Caller(GenPy):
    name = "caller"

    @receive("go")
    def go(self, message):
        """Microseconds a call."""
        requests = [(f"echo {n % ACTORS}", "echo", n) for n in range(REQUESTS)]
        begin = time.perf_counter()
        for _ in range(message):
            answers = call_at_once(requests)
            assert answers[-1] == ("ok", REQUESTS - 1)
        return (time.perf_counter() - begin) * 1e6 / (message * REQUESTS)


@line.ours(20_000)
def ours(count):
    with Supervisor([*(child(Echo, name=f"echo {n}") for n in range(ACTORS)), Caller]):
        return call("caller", "go", max(count // REQUESTS, 1), timeout=None)[1]


@line.entry("asyncio", 20_000)
def by_asyncio(count):
    return asyncio.run(gathered(max(count // REQUESTS, 1)))


async def gathered(rounds):
    async def echo(queue):
        while True:
            message, future = await queue.get()
            future.set_result(message)

    async def ask(queue, number):
        future = asyncio.get_running_loop().create_future()
        queue.put_nowait((number, future))
        return await future

    queues = [asyncio.Queue() for _ in range(ACTORS)]
    echoes = [asyncio.create_task(echo(queue)) for queue in queues]
    begin = time.perf_counter()
    for _ in range(rounds):
        answers = await asyncio.gather(*[ask(queues[n % ACTORS], n) for n in range(REQUESTS)])
        assert answers[-1] == REQUESTS - 1
    taken = time.perf_counter() - begin
    for task in echoes:
        task.cancel()
    return taken * 1e6 / (rounds * REQUESTS)


@line.entry("uvloop", 20_000, "uvloop")
def by_uvloop(count):
    import uvloop

    return uvloop.run(gathered(max(count // REQUESTS, 1)))


line.elixir("GenServer", 50_000)


@line.entry("pykka", 5_000, "pykka")
def by_pykka(count):
    import pykka

    class Answers(pykka.ThreadingActor):
        def on_receive(self, message):
            return message

    actors = [Answers.start() for _ in range(ACTORS)]
    rounds = max(count // REQUESTS, 1)
    begin = time.perf_counter()
    for _ in range(rounds):
        asked = [actors[n % ACTORS].ask(n, block=False) for n in range(REQUESTS)]
        assert pykka.get_all(asked)[-1] == REQUESTS - 1
    taken = time.perf_counter() - begin
    pykka.ActorRegistry.stop_all()
    return taken * 1e6 / (rounds * REQUESTS)


if __name__ == "__main__":
    line.serve()
