"""On each node: what may move when it is emptied, and what may not."""

import os
import signal
import threading

from rebeam import (
    GenPy,
    GlobalName,
    Supervisor,
    call,
    child,
    join,
    members,
    nodes,
    receive,
    sleep,
    start,
    start_child,
    whereis_global,
    which_children,
)


class Counter(GenPy):
    def __init__(self, held=False):
        self.n, self.log = 0, []
        if held:
            self.lock = threading.Lock()

    @start()
    def begin(self):
        self.log.append("start")

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n

    @receive("join")
    def join_crowd(self):
        join("crowd")

    @receive("log")
    def whole_log(self):
        return self.log

    @receive("crash")
    def crash(self):
        raise ValueError("asked for")


def function():
    while True:
        sleep(10)


def begin():
    named = {
        name: start_child(
            "sup", child(Counter(), id=name, name=GlobalName(name), isolation=isolation)
        )
        for name, isolation in [("plain", "shared"), ("worker", "process"), ("keeper", "shared")]
    }
    start_child("sup", child(Counter(True), id="held", restart="transient"))
    start_child("sup", child(function, id="function"))
    return named


def asked(target, subject, message=None):
    return call(target, subject, message, 20.0)


def attempt():
    try:
        start_child("sup", child(Counter(), id="more"))
    except RuntimeError as error:
        return f"RuntimeError: {error}"


def stop():
    os.kill(os.getpid(), signal.SIGTERM)


def others():
    return nodes()


def crowd():
    return members("crowd")


def found(name):
    return whereis_global(name)


def ready():
    return len(nodes()) == 2 and whereis_global("once") is not None


def runs_once():
    return [each.state for each in which_children("sup") if each.id == "once"] == ["running"]


if __name__ == "__main__":
    Supervisor([child(Counter(), id="once", name=GlobalName("once"), once="cluster")], name="sup")
