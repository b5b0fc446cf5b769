"""A program whose own file is loaded again: its classes, and nothing of what its body does."""

import sys
import threading

from rebeam import GenPy, Supervisor, ask, call, receive, register, reload, run_register_process
from rebeam import self_pid, sleep, versions, whereis

LOCK = threading.Lock()
LIMIT = 1
started = []


class Counter(GenPy):
    def __init__(self, first=0):
        self.n = first

    @receive("add")
    def add(self, message):
        self.n += message
        return "old", self.n, LIMIT, __name__

    @receive("mine")
    def mine(self):
        return self


def edit(*pairs):
    with open(__file__) as file:
        text = file.read()
    for old, new in pairs:
        text = text.replace(old, new, 1)  # where it stands; below it is named
    with open(__file__, "w") as file:
        file.write(text)


class Driver(GenPy):
    name = "driver"

    @receive("go")
    def go(self):
        lock = LOCK
        print(ask("counter", "add", 5))
        edit(
            ('"old", self.n', '"new", self.n'),
            ("LIMIT = 1\n", "LIMIT = 2\n"),
            (
                "started = []\n",
                "started = []\nprint('again')\nmore = Counter(1)\nask('counter', 'add', 1000)\nasked = ask('counter', 'add', 1000)\n",
            ),
        )
        result = reload(sys.modules[__name__])
        print(result.changed, result.refused, result.actors, lock is LOCK)
        print(ask("counter", "add", 1), type(more) is Counter, "asked" in globals())
        print(isinstance(ask("counter", "mine"), Counter))
        found = [each for each in versions() if each.module == "__main__"]
        print([(each.version, [old.function for old in each.old]) for each in found])
        return True


if __name__ == "__main__":
    started.append(1)
    print("body", __name__)

    class Ends(GenPy):
        def __init__(self):
            pass

    with Supervisor([Driver(), __import__("rebeam").child(Counter(), name="counter")]):
        print(ask("driver", "go", timeout=60), started)
