import asyncio

from baseline import counts, settled
from waiting import wait_until

from rebeam import (
    CallInterrupted,
    GenPy,
    TaskError,
    async_,
    async_stream,
    await_,
    await_many,
    call,
    cast,
    receive,
    run_register_process,
    whereis,
)


class Gate(GenPy):
    """Tasks wait for it."""

    name = "gate"
    is_open = False

    @receive("open")
    def open(self, message):
        self.is_open = message

    @receive("ask")
    def ask(self):
        return self.is_open


def gated(value):
    wait_until(lambda: call("gate", "ask")[1])
    if value == "fails":
        raise ValueError("on purpose")
    return value


def outcome(function, *arguments):
    try:
        return function(*arguments)
    except (TaskError, RuntimeError) as error:
        return f"{type(error).__name__} {str(error).strip().splitlines()[-1]}"


class Asker(GenPy):
    name = "asker"

    @receive("begin")
    def begin(self, message):
        self.task = async_(gated, message, linked=False)
        self.stream = async_stream(gated, "abc", 2, ordered=message != "unordered", linked=False)

    @receive("suspended")
    def suspended(self, message):
        try:
            self.wait(message)
        except CallInterrupted:
            cast("gate", "open", True)

    @receive("plain")
    def plain(self, message):
        try:
            sorted([0], key=lambda _: self.wait(message))
        except CallInterrupted:
            cast("gate", "open", True)

    @receive("asynchronous")
    async def asynchronous(self, message):
        waits = asyncio.create_task(self.wait_for(message))
        await asyncio.sleep(0.1)
        # As it gets its result, if it does.
        cast("gate", "open", True)
        waits.cancel()
        try:
            await waits
        except asyncio.CancelledError:
            pass

    async def wait_for(self, what):
        self.wait(what)

    def wait(self, what):
        if what == "await_many":
            await_many([self.task, self.task], 60)
        elif what == "stream":
            self.stream.__next__()
        else:
            await_(self.task, 60)

    @receive("over")
    def over(self):
        """What it was cut off from is."""

    @receive("result")
    def result(self):
        return outcome(await_, self.task, 60), outcome(await_, self.task, 60)

    @receive("rest")
    def rest(self):
        return sorted(str(value) for _, value in self.stream)

    @receive("twice")
    async def twice(self):
        task = async_(gated, "once")
        stream = async_stream(gated, ["item"])
        waits = (lambda: await_(task, 60), lambda: stream.__next__()[1]) * 2
        return sorted(await asyncio.gather(*map(self.try_to, waits)))

    async def try_to(self, wait):
        try:
            return wait()
        except (RuntimeError, ValueError) as error:
            return str(error)


def cut_off(how, what, begin="value"):
    call("gate", "open", False)
    call("asker", "begin", begin)
    call("asker", how, what, timeout=None if how == "asynchronous" else 0.1, interrupt=True)
    call("asker", "over", timeout=None)
    call("gate", "open", True)  # had it not begun to wait, on a busy machine


for each in (Gate, Asker):
    run_register_process(each)
before = counts()
for how in ("suspended", "plain", "asynchronous"):
    cut_off(how, "await_")
    print(how, *call("asker", "result", timeout=None)[1], sep=", ")
    cut_off(how, "await_", "fails")
    print(how, *call("asker", "result", timeout=None)[1], sep=", ")
    cut_off(how, "await_many")
    print(how, *call("asker", "result", timeout=None)[1], sep=", ")
    for begin in ("ordered", "unordered"):
        cut_off(how, "stream", begin)
        print(how, begin, *call("asker", "rest", timeout=None)[1])
print(*call("asker", "twice", timeout=None)[1], sep=", ")
call("asker", "begin", "value")
call("asker", "result", timeout=None)
call("asker", "rest", timeout=None)
print(whereis("asker").alive(), settled(before))
