"""A program to look at: shop.py HOW_MANY. Prints "ready" once all of it runs, then what it is told."""

import sys

from waiting import replaced

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    receive,
    sleep,
    start_children,
    stop,
    whereis,
)


class Stock(GenPy):
    @receive("take")
    def take(self, message):
        if message > 3:
            raise ValueError(f"no <b>{message}</b> left")
        return message

    @stop()
    def ends(self, reason):
        print("stock ends:", reason, flush=True)


class Waits(GenPy):
    @receive("wait")
    def wait(self, message):
        for_whom, rest = message
        return call(for_whom, "wait", (rest, for_whom), timeout=600)


class Item(GenPy):
    pass


def open_shop():
    start_children("items", [Item] * int(sys.argv[1]))
    for number in range(1, 4):
        call("stock", "take", number)
    before = whereis("stock")
    call("stock", "take", 4)
    replaced("stock", before)
    cast("left", "wait", ("right", "left"))
    print("ready", flush=True)
    sleep(3600)


Supervisor(
    [
        child(Stock, name="stock"),
        child(Waits, name="left"),
        child(Waits, name="right"),
        DynamicSupervisor("items"),
        open_shop,
    ],
    name="shop",
)
