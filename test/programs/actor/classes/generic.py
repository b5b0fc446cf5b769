"""A generic actor with its parameters is the class."""

import functools
import pathlib
from types import GenericAlias
from typing import Generic, TypeVar

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    child,
    exit,
    receive,
    run_register_process,
    spawn,
    start_child,
    whereis,
)

T = TypeVar("T")


class Cache(GenPy, Generic[T]):
    def __init__(self, first: T | None = None):
        self.name = f"cache {first}"
        self.first = first

    @receive("get")
    def get(self):
        return self.first


class Plain(GenPy):
    name = "plain"
    __class_getitem__ = classmethod(GenericAlias)

    @receive("get")
    def get(self):
        return "plain"


SCRIPT = """
from __main__ import Cache as GenPy
from rebeam import receive
class Script(GenPy[int]):
    def __init__(self):
        self.name = "script"
    @receive("get")
    def get(self):
        return "script"
"""


def restarted(name):
    pid = whereis(name)
    exit(pid, "kill")
    wait_until(lambda: whereis(name) not in (pid, None))
    return call(name, "get")[1]


def error(function, *arguments):
    try:
        function(*arguments)
    except TypeError as error:
        return error


def main():
    run_register_process(Plain[int])
    start_child("all", Cache[str]("made"))
    script = pathlib.Path(__file__).with_name("script.py")
    script.write_text(SCRIPT)
    run_register_process(script)
    for name in ("cache None", "cache made", "plain", "script"):
        print(name, call(name, "get")[1], restarted(name))
    print(error(spawn, Cache[int]))
    print(str(error(start_child, "all", functools.partial(Cache[int], 3))).split(": ")[1])


if __name__ == "__main__":
    Supervisor(
        [
            child(Cache[int], shutdown=1),
            DynamicSupervisor("all", max_restarts=1000),
            child(main, restart="transient", significant=True),
        ],
        auto_shutdown="any_significant",
    )
