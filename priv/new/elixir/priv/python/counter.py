"""An actor: one instance is one process, which handles a message at a time."""

from rebeam import GenPy, receive


class Counter(GenPy):
    def __init__(self, first=0):
        self.count = first

    @receive("add")
    def add(self, message):
        self.count += message
        return self.count

    @receive("fail")
    def fail(self):
        raise ValueError("asked to fail")
