"""Actors of all kinds that crash, for the flight recorder: till.py ISOLATION."""

import sys
import threading
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
    next_state,
    receive,
    sleep,
    whereis,
)

ISOLATION: Any = sys.argv[1] if len(sys.argv) > 1 else "shared"


class Price:
    def __init__(self, cents):
        self.cents = cents

    def __repr__(self):
        return f"Price({self.cents})"


class Prices(GenPy):
    @receive("of")
    def of(self, message):
        return Price({"tea": 250, "cake": 0}[message])


class Till(GenPy):
    def __init__(self):
        self.lock = threading.Lock()
        self.paid = []
        self.again = self.paid
        self.myself = self.pay

    @receive("pay")
    def pay(self, message):
        sleep(0.001)
        status, price = call("prices", "of", message)
        cast("prices", "noted", price)
        [(_, other)] = call_many([("prices", "of", "tea")])
        self.paid.append(price)
        message = None
        return other.cents / price.cents


class Counter(GenPy):
    @receive("count")
    async def count(self, message):
        _, price = await call_async("prices", "of", message)
        return 1 / price.cents


class Door(GenStateMachine):
    initial_state = "open"

    @event("slam", state="open")
    def slam(self, message):
        return next_state("shut", "shut")

    @event("slam", state="shut")
    def slam_again(self, message, current):
        raise ValueError(f"it is {current}: {message}")


def crash(who, subject, *messages):
    before = whereis(who)
    for message in messages:
        call(who, subject, message)
    wait_until(lambda: whereis(who) not in (before, None))


if __name__ == "__main__":
    children = [
        child(each, name=each.__name__.lower(), isolation=ISOLATION)
        for each in (Prices, Till, Counter)
    ]
    with Supervisor([*children, child(Door, name="door")], max_restarts=20):
        crash("till", "pay", "tea", "tea", "tea", "cake")
        crash("counter", "count", "cake")
        crash("door", "slam", "first", "second")
