"""A program whose own file is loaded again: its classes, and nothing of what its body does."""

from __future__ import annotations

import sys
import threading

from rebeam import GenPy, Supervisor, ask, child, receive, reload, versions

LOCK = threading.Lock()
LIMIT = 1
started = []


class Counter(GenPy):
    def __init__(self, first: Unknown = 0) -> None:  # type: ignore[name-defined]  # noqa: F821
        self.n = first

    @receive("add")
    def add(self, message):
        self.n += message
        return "old", self.n, LIMIT

    @receive("mine")
    def mine(self):
        return self


ADDED = """
print("again")
one_more = Counter(1)
ask("counter", "add", 1000)
asked = ask("counter", "add", 1000)
"""


class Driver(GenPy):
    name = "driver"

    @receive("go")
    def go(self):
        lock = LOCK
        print(ask("counter", "add", 5))
        edit(
            ('"old", self.n', '"new", self.n'),
            ("LIMIT = 1", "LIMIT = 2"),
            ("\n\nADDED", ADDED + "ADDED"),
        )
        result = reload(sys.modules[__name__])
        print(result.changed, result.refused, result.actors, lock is LOCK)
        print(ask("counter", "add", 1), type(globals()["one_more"]) is Counter)
        print("asked" in globals(), isinstance(ask("counter", "mine"), Counter))
        found = [each for each in versions() if each.module == "__main__"]
        print([(each.version, [old.function for old in each.old]) for each in found])


def edit(*pairs):
    """Where it stands first."""
    with open(__file__) as file:
        text = file.read()
    for old, new in pairs:
        text = text.replace(old, new, 1)
    with open(__file__, "w") as file:
        file.write(text)


if __name__ == "__main__":
    started.append(1)
    print("body")
    with Supervisor([Driver(), child(Counter(), name="counter")]):
        ask("driver", "go", timeout=60)
        print(started)
