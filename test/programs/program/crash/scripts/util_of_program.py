import os
from dataclasses import dataclass

import late_shared

from rebeam import call, sleep

OWN = os.path.basename(os.path.dirname(os.path.realpath(__file__)))
NAME = f"util of {OWN}"


def names():
    from package import inner

    return late_shared.NAME, inner.NAME


def path():
    return __file__


def folder():
    return os.path.dirname(os.path.realpath(__file__))


def ask(name):
    sleep(0.01)
    return NAME, call(name, "names")[1][0]


@dataclass
class Point:
    x: int

    def norm(self):
        return [OWN, self.x]
