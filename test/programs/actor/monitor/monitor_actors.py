from waiting import wait_until

import __main__
from rebeam import *


def named(name):
    """What is called so, by the program or here."""
    return vars(__main__).get(name) or globals()[name]


class Watcher(GenPy):
    name = "watcher"

    def __init__(self):
        self.saw = []

    @receive("do")
    def do(self, message):
        verb, *rest = message
        return named(verb)(*rest)

    @receive("saw")
    def all(self):
        saw, self.saw = self.saw, []
        return saw

    @info()
    def note(self, message):
        self.saw.append(message)


class Worker(GenPy):
    @receive("crash")
    def crash(self, message):
        raise ValueError(message)

    @receive("sleep")
    def rest(self, message):
        sleep(message)

    @receive("exit")
    def leave(self, message):
        exit(self_pid(), message)


def worker(**options):
    return run_register_process(child(Worker, restart="temporary", **options))


def do(*verb):
    status, result = call("watcher", "do", verb, timeout=60)
    assert status, result
    return result


def saw(least=1, name="watcher"):
    """At least so many events, and what comes with them."""
    seen = []

    def enough():
        seen.extend(call(name, "saw", timeout=60)[1])
        return len(seen) >= least

    sleep(0.05)
    wait_until(enough)
    return seen
