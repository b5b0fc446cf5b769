"""Actors that move to where this reads as counted_anew.py."""

from rebeam import GenPy, receive


class Plain(GenPy):
    def __init__(self):
        self.n, self.changed = 0, []

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n, "old", self.changed


class Counter(Plain):
    __version__ = 1


class Undeclared(Plain):
    pass
