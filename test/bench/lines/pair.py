"""One actor calls another and waits for the answer, over and over."""

import asyncio
import atexit
import functools
import threading
import time

from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call, call_many, receive, run_register_process

line = Line(
    "a call, one pair",
    "us",
    [Goal(1.0, "uvloop"), Goal(1.5, "asyncio", "busy")],
)


class Echo(GenPy):
    @receive("echo")
    def echo(self, message):
        return message


class Caller(GenPy):
    def __init__(self, target, calls):
        self.target, self.calls = target, calls

    @receive("go")
    def go(self):
        for number in range(self.calls):
            assert call(self.target, "echo", number)[1] == number


def ours(pairs, count):
    """Microseconds a call, of `count` calls of so many pairs at once."""
    each = max(count // pairs, 1)
    with Supervisor([]):
        callers = []
        for _ in range(pairs):
            echo = run_register_process(Echo)
            callers.append(run_register_process(Caller(echo, each)))
        begin = time.perf_counter()
        answers = call_many([(caller, "go", None) for caller in callers], timeout=None)
        taken = time.perf_counter() - begin
        assert all(status == "ok" for status, _ in answers), answers
    return taken * 1e6 / (each * pairs)


async def tasks(pairs, count):
    """The same by hand: an actor is a task with a queue, a call is a future."""
    each = max(count // pairs, 1)

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

    queues = [asyncio.Queue() for _ in range(pairs)]
    echoes = [asyncio.create_task(echo(queue)) for queue in queues]
    begin = time.perf_counter()
    await asyncio.gather(*[caller(queue) for queue in queues])
    taken = time.perf_counter() - begin
    for task in echoes:
        task.cancel()
    return taken * 1e6 / (each * pairs)


def by_uvloop(pairs, count):
    import uvloop

    return uvloop.run(tasks(pairs, count))


def by_pykka(pairs, count):
    import pykka

    class Answers(pykka.ThreadingActor):
        def on_receive(self, message):
            return message

    each = max(count // pairs, 1)
    actors = [Answers.start() for _ in range(pairs)]

    def calls(actor):
        for number in range(each):
            assert actor.ask(number) == number

    threads = [threading.Thread(target=calls, args=(actor,)) for actor in actors]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - begin
    pykka.ActorRegistry.stop_all()
    return taken * 1e6 / (each * pairs)


def timed(function, count):
    begin = time.perf_counter()
    for number in range(count):
        assert function(number) == number
    return (time.perf_counter() - begin) * 1e6 / count


line.ours(60_000)(functools.partial(ours, 1))
line.entry("asyncio", 60_000)(lambda count: asyncio.run(tasks(1, count)))
line.entry("uvloop", 60_000, "uvloop")(functools.partial(by_uvloop, 1))
line.elixir("GenServer", 200_000)
line.entry("pykka", 10_000, "pykka")(functools.partial(by_pykka, 1))


class Answers:
    """What others make an actor of."""

    def echo(self, message):
        return message


@functools.cache
def ray_actor():
    import ray

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="error")
    return ray.remote(Answers).remote()


@line.entry("Ray", 500, "ray", apart=True)
def by_ray(count):
    import ray

    actor = ray_actor()
    return timed(lambda number: ray.get(actor.echo.remote(number)), count)


@functools.cache
def dask_actor():
    from distributed import Client

    client = Client(processes=True, n_workers=1, threads_per_worker=1, dashboard_address=None)
    return client, client.submit(Answers, actor=True).result()


@line.entry("Dask", 500, "distributed", apart=True)
def by_dask(count):
    _, actor = dask_actor()
    return timed(lambda number: actor.echo(number).result(), count)


@functools.cache
def thespian_actor():
    from thespian.actors import Actor, ActorSystem

    class Echoing(Actor):
        def receiveMessage(self, message, sender):
            if isinstance(message, int):
                self.send(sender, message)

    # Its process looks for the class by its name.
    Echoing.__qualname__ = Echoing.__name__
    globals()["Echoing"] = Echoing
    system = ActorSystem("multiprocQueueBase")
    # Its processes would stay.
    atexit.register(system.shutdown)
    return system, system.createActor(Echoing)


@line.entry("Thespian", 500, "thespian", apart=True)
def by_thespian(count):
    system, actor = thespian_actor()
    return timed(lambda number: system.ask(actor, number, 10), count)


@line.entry("xoscar", 5_000, "xoscar", apart=True)
def by_xoscar(count):
    import xoscar

    class Echoing(xoscar.Actor):
        def echo(self, message):
            return message

    async def calls():
        pool = await xoscar.create_actor_pool("127.0.0.1", n_process=0)
        await pool.start()
        actor = await xoscar.create_actor(Echoing, address=pool.external_address)
        begin = time.perf_counter()
        for number in range(count):
            assert await actor.echo(number) == number
        taken = time.perf_counter() - begin
        await pool.stop()
        return taken * 1e6 / count

    return asyncio.run(calls())


if __name__ == "__main__":
    line.serve()
