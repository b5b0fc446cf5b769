"""The actor that test/c_src/value/fuzz.exs sends damaged messages to."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from values import SPECIAL, ZONES, Generator, Order

import _rebeam
from rebeam import GenPy, Supervisor, receive

CYCLE = Order(1, [])
CYCLE.lines.append((CYCLE, frozenset([1]), [CYCLE.lines]))


class Target(GenPy):
    name = "target"

    @receive("make")
    def make(self, message):
        """A message to be damaged."""
        if message < len(SPECIAL + ZONES):
            return (SPECIAL + ZONES)[message]
        generator = Generator(message)
        generator.budget = 12
        return [CYCLE, generator.list(0), b"x" * 70_000]

    @receive("take")
    def take(self, message):
        """True if what could be read can be sent on."""
        try:
            _rebeam.unpack(_rebeam.packed(message, None))
        except Exception:
            return False
        return True


Supervisor(modules=[Target()], max_restarts=1_000_000, max_seconds=1)
