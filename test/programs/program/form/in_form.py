"""An actor of one of several programs in a VM, each with a module `own` of its own."""

import sys

import own

from rebeam import GenPy, Supervisor, receive


class Named(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("who")
    def who(self):
        return f"{own.NAME} {__name__} {sys.modules['__main__'].__file__ == __file__}"


Supervisor([Named(sys.argv[1])])
