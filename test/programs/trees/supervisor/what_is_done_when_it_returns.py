"""How often items are started whose child says nothing of restarts."""

import sys

import noting
from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    receive,
    start,
    which_children,
)


class Judge(GenPy):
    name = "judge"

    def __init__(self):
        self.seen = {}

    @receive("note")
    def note(self, message):
        self.seen[message] = self.seen.get(message, 0) + 1
        return self.seen[message]

    @receive("seen")
    def all(self):
        return self.seen


class Leaver(GenPy):
    @start()
    def begin(self):
        if call("judge", "note", "actor")[1] == 1:
            cast("leaver", "leave")

    @receive("leave")
    def leave(self):
        sys.exit()


def once():
    call("judge", "note", "once")


def twice():
    if call("judge", "note", "twice")[1] == 1:
        raise ValueError("on purpose")


def driver():
    expected = {"actor": 2, "once": 1, "twice": 2, "module": 1}
    wait_until(lambda: call("judge", "seen")[1] == expected)
    names = ("once", "twice", "noting", "leaver")

    def states():
        return [(each.id, each.state) for each in which_children("top") if each.id in names]

    wait_until(lambda: [state for _, state in states()].count("running") == 1)
    print(sorted(states()), call("judge", "seen")[1] == expected)


if __name__ == "__main__":
    leaver = child(Leaver(), id="leaver", name="leaver")
    judge = child(Judge(), isolation="shared")
    Supervisor([judge, once, twice, noting, leaver, child(driver, significant=True)], name="top")
