"""On each node: an actor and a function of which the cluster has one. argv[1]: where they run."""

import os
import sys

from rebeam import (
    GenPy,
    GlobalName,
    Supervisor,
    call,
    child,
    fence,
    merge,
    receive,
    sleep,
    start,
    start_child,
    stop,
    which_children,
)

FOLDER = sys.argv[2] if len(sys.argv) > 2 else "."


def note(text):
    with open(os.path.join(FOLDER, "notes"), "a") as file:
        file.write(text + "\n")


class Counter(GenPy):
    def __init__(self, first):
        self.count = first

    @start()
    def begin(self):
        self.fence = fence()
        note(f"start {self.fence}")

    @receive("add")
    def add(self):
        self.count += 1
        return self.count, self.holds(), self.fence

    def holds(self):
        try:
            return self.fence == fence()
        except LookupError:  # lost since, and it is to end
            return False

    @receive("crash")
    def crash(self):
        raise ValueError("asked for")

    @merge()
    def both(self, other_state):
        self.count += other_state["count"]

    @stop()
    def end(self, reason):
        note(f"stop {reason.splitlines()[-1]}")


def job():
    note("job")
    sleep(0.01)
    note("done")


def add():
    return call(GlobalName("counter"), "add", timeout=2.0)


def crash():
    return call(GlobalName("counter"), "crash")[0]


def states():
    try:
        return {each.id: each.state for each in which_children("supervisor")}
    except LookupError:  # the node's program has not begun
        return {}


def late():
    """A child that comes at run time is started, or stands by."""
    item = child(Counter(100), id="late", once="cluster")
    return start_child("supervisor", item) is not None


def main():
    placed = dict(isolation=sys.argv[1])
    counter = child(Counter(0), id="counter", name=GlobalName("counter"), once="cluster", **placed)
    Supervisor([counter, child(job, once="cluster", **placed)], name="supervisor")


if __name__ == "__main__":
    main()
