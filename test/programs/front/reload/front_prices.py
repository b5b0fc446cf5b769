"""A module that an application loads again."""

from rebeam import GenPy, receive


class Price(GenPy):
    def __init__(self, name):
        self.name, self.asked = name, 0

    @receive("of")
    def of(self, message):
        self.asked += 1
        return [message * 2, self.asked]
