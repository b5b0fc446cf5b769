"""A tree with an actor whose @start hangs, the first times excepted."""

from signals_tree import Worker
from waiting import wait_until

from rebeam import GenPy, Supervisor, call, child, receive, sleep, start, whereis


class Hanging(GenPy):
    name = "hanging"
    starts, free = 0, 0

    @start()
    def boot(self):
        Hanging.starts += 1
        if Hanging.starts > Hanging.free:
            print("ready", flush=True)
            sleep(1000)

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


def crash():
    wait_until(lambda: whereis("hanging") is not None)
    call("hanging", "crash")


def hangs(free):
    Hanging.free = free
    return Supervisor(modules=[Worker("c"), Hanging, child(crash, restart="temporary")])
