import asyncio

from async_actors import Slow, helper

from rebeam import (
    GenPy,
    call,
    call_async,
    cast,
    no_reply,
    receive,
    registered,
    run_register_process,
    send,
)


class Silent(GenPy):
    name = "silent"

    @receive("ask")
    def ask(self):
        return no_reply()


class Base(GenPy):
    @receive("inherited")
    async def inherited(self, message):
        return helper(message)

    @receive("overridden")
    def overridden(self):
        return "plain"


class Forms(Base):
    @receive("inherited")
    async def inherited(self, message):
        return await super().inherited(message), helper(2)

    async def overridden(self):
        return helper("async")

    @receive("shield")
    async def shield(self):
        return (await asyncio.ensure_future(asyncio.shield(call_async("slow", "twice", (0, 5)))))[1]

    @receive("as_completed")
    async def as_completed(self):
        waits = asyncio.as_completed([call_async("slow", "twice", (0, n)) for n in range(4)])
        return sorted([(await each)[1] for each in waits])

    @receive("wait")
    async def wait(self):
        waits = [call_async("slow", "twice", (0, 0))]
        waits += [call_async("silent", "ask", timeout=None) for _ in range(2)]
        tasks = [asyncio.create_task(each) for each in waits]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return [task.result()[1] for task in done], [task.cancel() for task in pending]

    @receive("threads")
    async def threads(self):
        loop = asyncio.get_running_loop()

        def back():
            return asyncio.run_coroutine_threadsafe(
                call_async("slow", "twice", (0, 3)), loop
            ).result()

        return await loop.run_in_executor(None, helper, 8), (await asyncio.to_thread(back))[1]

    @receive("generators")
    async def generators(self):
        async def numbers():
            for n in range(3):
                yield helper(n)

        return (
            [n async for n in numbers()],
            {n: helper(n) async for n in numbers()},
            list(helper(n) for n in range(2)),
        )

    @receive("expressions")
    async def expressions(self):
        match helper([1]):
            case [1, second] if (more := helper(second)) == 2:
                return (
                    more,
                    eval("helper(4)"),
                    (lambda: helper(6))(),
                    [f(7) for f in [helper]],
                    f"{helper('f')}",
                )

    @receive("nested")
    async def nested(self):
        async def inner():
            def inmost():
                class Asks:
                    def __init__(self):
                        self.answer = helper(3)

                return Asks().answer

            return inmost()

        return await inner(), await asyncio.create_task(inner())

    @receive("casts")
    async def casts(self):
        return (
            cast("slow", "twice", (0, 1)),
            cast("nobody", "x"),
            send("slow", 1),
            "slow" in registered(),
        )


run_register_process(Slow())
run_register_process(Silent)
forms = run_register_process(Forms())
for subject in (
    "inherited",
    "overridden",
    "shield",
    "as_completed",
    "wait",
    "threads",
    "generators",
    "expressions",
    "nested",
    "casts",
):
    print(call(forms, subject, 1)[1])
