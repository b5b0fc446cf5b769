"""What becomes of counted_state.py."""

from rebeam import GenPy, code_change, receive


class Plain(GenPy):
    def __init__(self):
        self.n, self.changed = 0, []

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n, "new", self.changed


class Counter(Plain):
    __version__ = 2

    @code_change()
    def scale(self, old_version):
        self.n *= 100
        self.changed.append(old_version)


class Undeclared(Plain):
    @code_change()
    def scale(self, old_version):
        self.n *= 100
        self.changed.append(old_version)
