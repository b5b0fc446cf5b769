import __main__
from rebeam import *


def named(name):
    """What is called so, by the program or here."""
    return vars(__main__).get(name) or globals()[name]


class Echo(GenPy):
    @receive("back")
    def back(self, message):
        return message

    @receive("make")
    def make(self, message):
        return named(message)()
