import time

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


def saw(settle=0.1):
    time.sleep(settle)
    return call("owner", "saw")[1]


def first():
    while not (got := call("owner", "saw")[1]):
        time.sleep(0.01)
    return got[0]


def tell(*what):
    cast("owner", "note", what)
