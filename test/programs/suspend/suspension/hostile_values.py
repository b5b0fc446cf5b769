"""A keyword that is not found by its own hash, and a wait that has garbage collected as it is freed."""

import gc
import itertools

from rebeam import GenPy, call, receive, run_register_process, sleep
from rebeam._native import _suspend

number = itertools.count()


class Name(str):
    def __hash__(self):
        return next(number)


class Collects:
    def __del__(self):
        gc.collect()


def named(**given):
    sleep(0.001)
    return given["first"], list(given)


class Begins:
    def __init__(self):
        self.kept = Collects()

    def __call__(self, promise):
        promise.set_result(1)


def wait():
    return _suspend(Begins())


class Tries(GenPy):
    name = "tries"

    @receive("names")
    def names(self):
        return named(**{"first": 1, Name("second"): 2})

    @receive("waits")
    def waits(self):
        return [wait() for _ in range(20)]


run_register_process(Tries)
print(call("tries", "names")[1])
print(sum(call("tries", "waits")[1]))
