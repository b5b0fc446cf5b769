import sys
import time

from waiting import wait_until

from rebeam import GenPy, call, cast, receive


class Sink(GenPy):
    def __init__(self, name=None):
        if name:
            self.name = name
        self.got = []

    @receive("got")
    def all(self):
        return self.got

    @receive("times")
    def times(self):
        return [at for at, *_ in self.got]

    @receive("exit")
    def exit(self):
        sys.exit(0)

    @receive()
    def other(self, message, subject, source, status):
        self.got.append((time.monotonic(), subject, message, source, status))


def got(target):
    return [(subject, message) for _, subject, message, *_ in call(target, "got")[1]]


def ended(target):
    cast(target, "exit")
    wait_until(lambda: not target.alive())
