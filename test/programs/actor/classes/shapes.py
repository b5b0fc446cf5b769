"""Classes of every shape: what they were made with, and `state`, before and after a crash.

ISOLATION... as arguments: where their processes run. Prints each shape that has not what it should.
"""

import abc
import dataclasses
import sys

import attrs
import pydantic
from waiting import wait_until

from rebeam import DynamicSupervisor, GenPy, Supervisor, call, child, receive, start_child


class Plugin:
    """A mixin whose `__new__` comes to no other."""

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)


class Meta(type):
    """Lets nobody change its classes."""

    def __setattr__(cls, name, value):
        raise AttributeError(f"{cls.__name__} is frozen")


class Unready:
    """As the settings of a framework before they are configured."""

    def __getattr__(self, name):
        raise RuntimeError("not configured")


class Endless:
    def __getattr__(self, name):
        return Endless()

    def __call__(self): ...


class Items:
    def __init__(self, items):
        self.items = list(items)


class OwnNew(Items, GenPy):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)


class Mixed(Plugin, Items, GenPy): ...


class ViaMeta(Items, GenPy, metaclass=Meta):
    settings, proxy = Unready(), Endless()

    def __new__(cls, items):
        return super().__new__(cls)

    @receive("look")
    def look(self):
        return look(self)

    @receive("crash")
    def crash(self):
        return crash(self)


class Factory(Items, GenPy):
    """Makes one of another class than was called."""

    def __new__(cls, items):
        return super().__new__(Made)


class Made(Factory): ...


class Abstract(Items, GenPy, abc.ABC): ...


class GenPyDict(GenPy, dict):
    def __init__(self, items):
        self.items = list(items)


class DictGenPy(dict, GenPy):
    def __init__(self, items):
        self.items = list(items)


class OfList(GenPy, list):
    @property
    def items(self):
        return list(self)


class OfInt(GenPy, int):
    def __new__(cls, items):
        return super().__new__(cls, len(items))

    @property
    def items(self):
        return [1, 2][:self]


class OfException(GenPy, ValueError):
    @property
    def items(self):
        return self.args[0]


class Slots(GenPy):
    __slots__ = ("items",)

    def __init__(self, items):
        self.items = list(items)


@dataclasses.dataclass
class Data(GenPy):
    items: list


@dataclasses.dataclass(slots=True)
class DataSlots(GenPy):
    items: list


@dataclasses.dataclass(frozen=True)
class DataFrozen(GenPy):
    items: list


@attrs.define
class Attrs(GenPy):
    items: list


@attrs.define(slots=False)
class AttrsDict(GenPy):
    items: list


@attrs.frozen
class AttrsFrozen(GenPy):
    items: list


class Model(pydantic.BaseModel, GenPy):
    items: list

    def __init__(self, items):
        super().__init__(items=items)


class NoSetattr(GenPy):
    def __init__(self, items):
        self.__dict__["items"] = list(items)

    def __setattr__(self, name, value):
        raise AttributeError(name)


class Clears(GenPy):
    def __init__(self, items):
        self.__dict__.clear()
        self.items = list(items)


class Borg(GenPy):
    shared: dict = {}

    def __init__(self, items):
        self.__dict__ = self.shared
        self.items = list(items)


SHAPES = [
    OwnNew, Mixed, ViaMeta, Factory, Abstract, GenPyDict, DictGenPy, OfList, OfInt, OfException, Slots, Data,
    DataSlots, DataFrozen, Attrs, AttrsDict, AttrsFrozen, Model, NoSetattr, Clears, Borg,
]  # fmt: skip


def look(self):
    """What it was made with, and how often this ran in this instance."""
    self.state["looks"] = self.state.get("looks", 0) + 1
    return list(self.items), self.state["looks"]


def crash(self):
    raise ValueError("on purpose")


for shape in SHAPES:
    if type(shape) is Meta:
        continue
    shape.look = receive("look")(look)
    shape.crash = receive("crash")(crash)


def told(name):
    """Two looks of the first instance, and one of the next."""
    first = call(name, "look")[1], call(name, "look")[1]
    call(name, "crash")
    # The name is free for a moment.
    return *first, wait_until(lambda: (got := call(name, "look"))[0] and got[1])


def main():
    expected = (([1, 2], 1), ([1, 2], 2), ([1, 2], 1))
    for isolation in sys.argv[1:]:
        for shape in SHAPES:
            name = f"{shape.__name__} in {isolation}"
            start_child("all", child(shape([1, 2]), name=name, isolation=isolation))
            if told(name) != expected:
                print(name, told(name))
    print(len(SHAPES), "shapes")


if __name__ == "__main__":
    Supervisor(
        [
            DynamicSupervisor("all", max_restarts=1000),
            child(main, restart="transient", significant=True),
        ]
    )
