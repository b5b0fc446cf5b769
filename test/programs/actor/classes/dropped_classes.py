"""Classes that are made, run as actors and dropped go, those whose handlers refer to them too."""

import gc
import weakref

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    child,
    event,
    receive,
    start_child,
    terminate_child,
)


def run(cls):
    pid = start_child("all", child(cls, id="it", restart="temporary"))
    assert call(pid, "go") == ("ok", "gone")
    terminate_child("all", pid)
    return weakref.ref(cls)


def actor():
    class Actor(GenPy):
        @receive("go")
        def go(self):
            return __class__ and "gone"

    return run(Actor)


def machine():
    class Machine(GenStateMachine):
        initial_state = "on"

        @event("go")
        def go(self):
            return __class__ and "gone"

    return run(Machine)


def few(references):
    """The BEAM lets go of the last ones when it collects its own garbage."""
    gc.collect()
    return sum(each() is not None for each in references) < 50


def main():
    for make in actor, machine:
        references = [make() for _ in range(100)]
        wait_until(lambda references=references: few(references))
        print(make.__name__, "classes go")


if __name__ == "__main__":
    Supervisor([DynamicSupervisor("all"), child(main, restart="transient", significant=True)])
