from waiting import wait_until

import __main__
from rebeam import *


def named(name):
    """What is called so, by the program or here."""
    return vars(__main__).get(name) or globals()[name]


class Owner(GenPy):
    name = "owner"

    def __init__(self):
        self.saw = []

    @receive("run")
    def run(self, message):
        return named(message)()

    @receive("saw")
    def all(self):
        saw, self.saw = self.saw, []
        return saw

    @receive("note")
    def note(self, message):
        self.saw.append(message)

    @info()
    def event(self, message):
        self.saw.append(message)


def saw(least):
    """What the owner saw, once that is so much."""
    seen = []

    def enough():
        seen.extend(call("owner", "saw")[1])
        return len(seen) >= least

    wait_until(enough)
    return seen


def first():
    return saw(1)[0]


def tell(*what):
    cast("owner", "note", what)
