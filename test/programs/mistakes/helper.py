"""No actor runs here: an object of its class is used as it is."""

from rebeam import GenPy, receive


class Counter(GenPy):
    def __init__(self, n=0):
        self.n = n

    @receive("add")
    def add(self, message):
        self.n += message


counter = Counter(1)
counter.add(2)
print(counter.n)
