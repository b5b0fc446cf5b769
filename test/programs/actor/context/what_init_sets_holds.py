"""What an instance sets in its __init__ is its actor's, and nobody else's: `main.py UNIT`."""

import asyncio
import contextvars
import dataclasses
import decimal
import sys

from rebeam import (
    GenPy,
    Supervisor,
    call,
    child,
    receive,
    run_register_process,
    sleep,
    start,
    whereis,
)

tenant = contextvars.ContextVar("tenant", default="unset")
phase = contextvars.ContextVar("phase", default="unset")


def here():
    return tenant.get(), str(decimal.Decimal(1) / 3), phase.get()


class Base(GenPy):
    def __init__(self, name, digits):
        sleep(0)
        self.name = name
        self.token = tenant.set(name)
        decimal.getcontext().prec = digits


class Tenant(Base):
    def __init__(self, name, digits):
        super().__init__(name, digits)
        sleep(0.001)  # suspended, where an actor makes it
        self.made = here()[:2]

    @start()
    def begin(self):
        phase.set("started")

    @receive("plain")
    def plain(self):
        sleep(0)
        return here()

    @receive("async")
    async def asynchronous(self):
        await asyncio.sleep(0)
        return here()

    @receive("reset")
    def reset(self):
        tenant.reset(self.token)
        return here()

    @receive("again")
    def again(self):
        self.__init__("again", 2)
        return here()

    @receive("make")
    def make(self, message):
        return made_here(message)

    @receive("make async")
    async def make_async(self, message):
        return made_here(message)

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


def made_here(message):
    made = Tenant(*message)
    return made.made, here(), call(run_register_process(made), "async")[1]


@dataclasses.dataclass
class Data(GenPy):
    tenant: str

    def __post_init__(self):
        tenant.set(self.tenant)

    @receive("get")
    def get(self):
        return tenant.get()


def show(what, names):
    print(what, *(call(name, way)[1] for name in names for way in ("plain", "async")))


def main(unit):
    decimal.getcontext().prec = 3
    tenant.set("a")
    a, b = Tenant("a", 5), Tenant("b", 7)
    print("main", here())
    run_register_process(
        Supervisor([child(each, isolation=unit) for each in (a, b)], max_restarts=9)
    )
    show("first", "ab")
    tenant.set("later")
    before = whereis("a")
    call("a", "crash")
    while whereis("a") in (before, None):
        sleep(0.001)
    show("restarted", "ab")
    print("reset", call("a", "reset")[1], call("a", "again")[1], call("a", "async")[1])
    print("made", call("b", "make", ("c", 9))[1])
    print("made", call("b", "make async", ("d", 9))[1])
    print("data", call(run_register_process(Data("e")), "get")[1])
    show("still", "b")
    print("main", here())


if __name__ == "__main__":
    main(sys.argv[1])
    sys.exit()
