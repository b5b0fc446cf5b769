import asyncio
import contextvars
import dataclasses
import decimal
import enum

from waiting import replaced, wait_until

from rebeam import (
    ONE_FOR_ONE,
    GenPy,
    ProcessID,
    Supervisor,
    async_,
    await_,
    call,
    call_async,
    call_many,
    cast,
    child,
    info,
    no_reply,
    receive,
    registered,
    reply,
    response_ok,
    send_after,
    sleep,
    spawn,
    spawn_monitor,
    start,
    whereis,
)


@dataclasses.dataclass
class Point:
    x: int
    y: list


class Colour(enum.Enum):
    RED = 1


current = contextvars.ContextVar("current", default="none")


class Hub(GenPy):
    def __init__(self, other, name):
        self.other, self.name, self.log = other, name, []

    @start()
    def begin(self):
        self.log.append("started " + self.name)

    @receive("echo")
    def echo(self, message):
        return message

    @receive("relay")
    def relay(self, message):
        return self.deep(message, 3)

    def deep(self, message, depth):
        try:
            return self.deep(message, depth - 1) if depth else call(self.other, "echo", message)[1]
        finally:
            self.log.append(f"left {depth}")

    @receive("fetch")
    async def fetch(self, message):
        current.set(self.name)
        await asyncio.sleep(0.01)
        status, value = await call_async(self.other, "echo", message)
        return [str(status), value, current.get()]

    @receive("tasks")
    def tasks(self, message):
        each = [async_(square, n) for n in range(message)]
        return [await_(task) for task in each]

    @receive("spawn")
    def spawn(self, message, source):
        pid, ref = spawn_monitor(answer, self.name, message)
        sleep(0.05)
        return pid.node == ProcessID().node

    @receive("later")
    def later(self, message):
        send_after(0.01, self.other, "note", f"{message} from {self.name}")
        return isinstance(message, str)

    @receive("deferred")
    def deferred(self, source):
        spawn(lambda: reply(source, response_ok("deferred")))
        return no_reply()

    @receive("note")
    def note(self, message):
        self.log.append(message)

    @receive("fail")
    def fail(self):
        raise KeyError("no such thing")

    @receive("log")
    def all(self):
        return self.log

    @info()
    def info(self, message):
        self.log.append(f"info {type(message).__name__} {getattr(message, 'reason', message)}")


def square(n):
    return n * n


def answer(name, message):
    cast(name, "note", message)


def driver():
    point = Point(3, [Colour.RED, decimal.Decimal("1.5"), (None, b"x", {1, 2})])
    for a, b in (("left", "right"), ("right", "left")):
        status, value = call(a, "echo", point)
        print(status, value == point, type(value).__name__, type(value).__module__)
        print(call(a, "relay", {"k": [1, 2.5]}))
        print(call(a, "fetch", a), call(a, "tasks", 5), call(a, "deferred"))
        print(call(a, "spawn", f"spawned in {a}"), call(a, "later", "later"))
    print(call_many([(n, "echo", i) for i, n in enumerate(["left", "right"] * 3)], 5))
    pid = whereis("left")
    status, reason = call("left", "fail", None)
    print(status, reason.splitlines()[-1], 'raise KeyError("no such thing")' in reason)
    replaced("left", pid)
    wait_until(lambda: {"later from left", "info Down normal"} <= set(call("right", "log")[1]))
    for name in ("left", "right"):
        print([each for each in call(name, "log")[1] if not each.startswith("later")])
    print(sorted(registered()), whereis("nobody"))
    cast("stop", "now")


if __name__ == "__main__":
    Supervisor(
        [
            Hub("right", name="left"),
            Hub("left", name="right"),
            child(driver, restart="transient", significant=True),
        ],
        strategy=ONE_FOR_ONE,
    )
