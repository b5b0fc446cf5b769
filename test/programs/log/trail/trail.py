"""Casts, calls and answers that lead to a crash: trail.py ISOLATION."""

import itertools
import sys
from typing import Any

from waiting import wait_until

from rebeam import (
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    call_async,
    call_many,
    cast,
    child,
    event,
    receive,
    sleep,
    whereis,
)

CRASHES = itertools.count()
ISOLATION: Any = sys.argv[1] if len(sys.argv) > 1 else "shared"


class Front(GenPy):
    @receive("request")
    def request(self, message):
        cast("orders", "order", message)

    @receive("async")
    async def request_async(self, message):
        await call_async("orders", "order", message)

    @receive("many")
    def many(self, message):
        call_many([(whereis("orders"), "order", message), (whereis("orders"), "nothing")])

    @receive("far")
    def far(self, message):
        call_many([("orders", "order", message), ("nobody", "order", message)])

    @receive("ring")
    def ring(self, message):
        cast("front", "ring", message - 1) if message else cast("stock", "fail", 1)


class Orders(GenPy):
    @receive("order")
    def order(self, message):
        sleep(0.001)
        if message == "door":
            cast("door", "slam", "")
        elif message == "large":
            cast("stock", "take", bytes(100_000))
        else:
            cast("stock", "take", message)
        return "ordered"


class Stock(GenPy):
    @receive("take")
    def take(self, message):
        call("shelf", "look", message)

    @receive("fail")
    def fail(self, message):
        raise ValueError("failed")


class Shelf(GenPy):
    @receive("look")
    def look(self, message):
        # The log tells the same crash whole only once.
        raise ValueError(f"no {len(message)}, {next(CRASHES)}")


class Door(GenStateMachine):
    initial_state = "open"

    @event("slam", state="open")
    def slam(self, message):
        raise ValueError("slammed")


def ask(subject, message, who):
    before = whereis(who)
    call("front", subject, message)
    wait_until(lambda: whereis(who) not in (before, None))


if __name__ == "__main__":
    actors = [Front, Orders, Stock, Shelf, Door]
    children = [
        child(each, name=each.__name__.lower(), isolation=ISOLATION)
        for each in actors
        if each is not Door or ISOLATION == "shared"
    ]
    with Supervisor(children, max_restarts=20):
        ask("request", "tea", "shelf")
        ask("async", "large", "shelf")
        ask("many", "tea", "shelf")
        ask("far", "large", "shelf")
        ask("ring", 20, "stock")
        if ISOLATION == "shared":
            ask("request", "door", "door")
