"""Actors whose module is loaded again while they are made, in the placement that the first argument names."""

import sys

import edited
from edited import change, taken
from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    Supervisor,
    ask,
    async_,
    await_,
    call,
    child,
    exit,
    start_child,
    whereis,
)

ISOLATION = sys.argv[1]
TEXT = """
    from rebeam import *

    class Slow(GenPy):
        name = "slow"
        def __init__(self):
            self.n = 5
            ask("gate", "pass", None, 75)
        @receive("get")
        def get(self): return self.n

    class First(GenPy):
        name = "first"
        def __init__(self): self.n = 7
        @receive("get")
        def get(self): return self.n

    class Gate(GenPy):
        name = "gate"
        def __init__(self): self.waiting = []
        @receive("pass")
        def wait(self, source):
            self.waiting.append(source)
            return no_reply()
        @receive("open")
        def open(self):
            for source in self.waiting: reply(source, response_ok(1))
            self.waiting = []
        @receive("count")
        def count(self): return len(self.waiting)
    """
HUNDREDS = """    @code_change()
    def hundreds(self, old_version):
        self.n, self.before = self.n * 100, old_version
"""
GET = "def get(self): return self.n\n"


def waits():
    wait_until(lambda: ask("gate", "count") == 1)


def get(name):
    status, value = call(name, "get")
    return value if status else None


def main():
    m = edited.module(TEXT, "made")
    with DynamicSupervisor(name="top"):
        start_child("top", child(m.Gate, isolation=ISOLATION))
        first = m.First()
        started = async_(start_child, "top", child(m.Slow, isolation=ISOLATION))
        waits()
        taken(
            change(m, (GET, "def get(self): return self.n, self.before\n" + HUNDREDS)),
            *("First.get", "First.hundreds", "Slow.get", "Slow.hundreds"),
        )
        ask("gate", "open")
        await_(started)
        print("begun", ask("slow", "get"))

        # The same when it is started again; and it is brought there once.
        exit(whereis("slow"), "boom")
        waits()
        taken(change(m, ("* 100", "* 1000")), "First.hundreds", "Slow.hundreds")
        ask("gate", "open")
        print("again", wait_until(lambda: get("slow")), ask("slow", "get"))

        # It was made before both. A unit makes its own, and by the new code.
        taken(change(m, ("self.n = 7", "self.n, self.before = 8, 0")), "First.__init__")
        start_child("top", child(first, isolation=ISOLATION))
        print("first", ask("first", "get"))


if __name__ == "__main__":
    Supervisor([child(main, restart="transient", significant=True)])
