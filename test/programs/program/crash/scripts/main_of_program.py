"""One of two programs with the same names everywhere, but for its folder and its actor."""

import os
import sys

import package.inner
import package.inner as inner
import util
from package import inner as again
from util import Point
from util import names as util_names

from rebeam import GenPy, Supervisor, receive

OWN = os.path.basename(os.path.dirname(os.path.realpath(__file__)))


class Own(GenPy):
    def __init__(self):
        self.name = OWN

    @receive("names")
    def get(self):
        import late
        import util as util_now

        return [
            util.NAME,
            package.inner.NAME,
            inner is again is package.inner,
            util_names(),
            late.NAME,
            util_now is util,
            util.__file__ == util.path(),
            sys.modules["__main__"] is not None,
        ]

    @receive("point")
    def point(self, message):
        return Point(message)

    @receive("norm")
    def norm(self, message):
        return [type(message) is Point, message.norm()]

    @receive("ask")
    def ask(self, message):
        return util.ask(message)

    @receive("argv")
    def argv(self):
        return argv

    @receive("crash")
    def crash(self):
        raise ValueError(OWN)


argv = sys.argv[1:]
assert sys.path[0] == util.folder(), (sys.path, util.folder())
Supervisor([Own()], max_restarts=100)
