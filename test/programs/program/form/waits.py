"""Actors of each isolation that is asked for wait for one gate: suspended, or on threads."""

import os
import sys

from gate_asker import ask

from rebeam import (
    GenPy,
    async_,
    await_,
    call,
    child,
    no_reply,
    receive,
    reply,
    response_ok,
    run_register_process,
)
from rebeam._runtime import rebeam_info
from rebeam.testing import wait_until


class Point:
    def __init__(self, x):
        self.x = x


class Gate(GenPy):
    def __init__(self):
        self.name = "gate"
        self.waiting = []

    @receive("wait")
    def wait(self, source):
        self.waiting.append(source)
        return no_reply()

    @receive("open")
    def open(self, message):
        for each in self.waiting:
            reply(each, response_ok(message))

    @receive("count")
    def count(self):
        return len(self.waiting)


class Asker(GenPy):
    def __init__(self, isolation):
        self.isolation = isolation

    @receive("go")
    def go(self, message):
        message.x += self.deeper()
        return message, self.isolation, os.getpid()

    def deeper(self):
        return [ask() for _ in "a"][0]


def main(isolations):
    run_register_process(Gate())
    askers = [run_register_process(child(Asker(each), isolation=each)) for each in isolations]
    held = rebeam_info()["blocked"]
    tasks = [async_(call, each, "go", Point(1)) for each in askers]
    wait_until(lambda: call("gate", "count")[1] == len(askers), 30)
    # A task and an asker each; `call` in a task is suspended whatever the program's form is.
    wait_until(lambda: sum(waits()) - held >= 2 * len(askers))
    print("suspended", waits()[0] - len(askers), "blocked", waits()[1] - held)
    call("gate", "open", 41)
    for each in tasks:
        point, isolation, process = await_(each)[1]
        print(isolation, type(point) is Point, point.x, process == os.getpid())


def waits():
    counts = rebeam_info()
    return counts["suspended"], counts["blocked"]


if __name__ == "__main__":
    main(sys.argv[1:])
