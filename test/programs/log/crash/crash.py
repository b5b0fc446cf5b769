"""Crashes of all sorts, for what the log says of them: crash.py ISOLATION."""

import dataclasses
import sys
from typing import Any

from rebeam import (
    DynamicSupervisor,
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    event,
    info,
    is_alive,
    receive,
    send,
    sleep,
    start_child,
    whereis,
)


@dataclasses.dataclass
class Order:
    id: int
    lines: list


class Stock(GenPy):
    @receive("take")
    def take(self, message, source):
        left = 3
        message.lines.append("changed")
        error = ValueError(f"{left} left")
        error.add_note("ask again tomorrow")
        raise error

    @receive("many")
    def many(self, message):
        raise ExceptionGroup("two", [ValueError(1), KeyError("x")])

    @receive("caused")
    def caused(self, message):
        try:
            {}["key"]
        except KeyError as error:
            raise RuntimeError("no stock") from error

    @info()
    def note(self, message):
        self.kept = "it's"
        raise ValueError("noted")


class Unshown(GenPy):
    def __repr__(self):
        raise ValueError("not now")

    @receive("fail")
    def fail(self, message):
        self.me = self
        raise ValueError("shown")


class Door(GenStateMachine):
    initial_state = "open"

    @event("slam", state="open")
    def slam(self, message):
        raise ValueError(message)


class Orders(GenPy):
    @receive("order")
    def order(self, message):
        return call("stock", "take", Order(message, []), timeout=60)[0]


def crashed(name, way, *arguments):
    """Does what ends the actor of that name, and waits for the next one."""
    pid = whereis(name)
    result = way(pid, *arguments)
    while is_alive(pid) or whereis(name) in (pid, None):
        sleep(0.01)
    return result


isolation: Any = sys.argv[1]
with Supervisor(
    [
        child(Stock, name="stock", isolation=isolation),
        child(Unshown, name="unshown", isolation=isolation),
        child(Door, name="door", isolation=isolation),
        child(Orders, name="orders", isolation=isolation),
        DynamicSupervisor("them"),
    ],
    name="shop",
    max_restarts=6,
    max_seconds=600,
):
    print(*crashed("stock", lambda _: call("orders", "order", 5, timeout=60)))
    for subject in ("many", "caused"):
        print(crashed("stock", call, subject)[0])
    crashed("stock", send, {"key": ("it's", None)})
    print(crashed("unshown", call, "fail", [1.5, True])[0])
    crashed("door", cast, "slam", "loudly")
    start_child("them", child(Stock, name="other", restart="temporary", isolation=isolation))
    print(call("other", "many", timeout=60)[0])
    print(call("stock", "many", timeout=60)[0])
