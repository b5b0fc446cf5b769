import asyncio

from async_actors import Slow, helper

from rebeam import (
    GenPy,
    ProcessID,
    Supervisor,
    call,
    cast,
    child,
    info,
    receive,
    response_error,
    response_ok,
    run_register_process,
    send,
    start,
    stop,
)


class All(GenPy):
    @start()
    async def boot(self):
        await asyncio.sleep(0.01)
        self.seen = ["start"]

    @receive("one")
    async def one(self, message, source):
        await asyncio.sleep(0)
        self.seen.append(message)
        return response_error("no") if message == "bad" else response_ok(source == ProcessID())

    @receive()
    async def other(self, subject, **rest):
        return subject, sorted(rest)

    @info()
    async def note(self, message):
        await asyncio.sleep(0)
        self.seen.append(message)

    @receive("seen")
    async def all(self):
        return self.seen

    @stop()
    async def end(self, reason):
        await asyncio.sleep(0.01)
        print("stopped", reason, self.seen, flush=True)


class Decorated(GenPy):
    def logged(function):
        import functools

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            print("before", helper(1))
            return function(*args, **kwargs)

        return wrapper

    @receive("it")
    @logged
    async def it(self, message):
        await asyncio.sleep(0)
        return message * 3


run_register_process(Slow())


def main():
    it = run_register_process(All())
    print(call(it, "one", "good"))
    print(call(it, "one", "bad"))
    print(call(it, "what", 1))
    print(cast(it, "one", "cast"), send(it, "plain"))
    print(call(it, "seen"))
    print(call(run_register_process(Decorated()), "it", 2))


Supervisor([child(main, restart="transient", significant=True)])
