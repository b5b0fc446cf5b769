"""A class's __init__ is to whoever looks what the program wrote, though it runs in a context."""

import contextvars
import copy
import dataclasses
import inspect
import pickle
import sys
import traceback
import typing
from unittest import mock

from rebeam import GenPy, call, child, receive, run_register_process

var = contextvars.ContextVar("var", default="unset")


class Actor(GenPy):
    def __init__(self, value: str = "given"):
        """Sets it."""
        var.set(value)
        if value == "bad":
            raise ValueError(value)

    @receive("is")
    def is_init(self, message):
        return message is Actor.__init__, var.get()


class Mixin:
    def __init__(self, value):
        var.set(value)


class Mixed(Mixin, GenPy):
    @receive("get")
    def get(self):
        return var.get()


class Again(Mixed):
    @receive("again")
    def again(self, message):
        self.__init__(message)
        return var.get()


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen(Mixed):
    value: str

    def __post_init__(self):
        var.set(self.value)


def got(instance):
    return call(run_register_process(instance), "get")[1]


at_module = Actor("at module")  # also where a unit runs this
init = Actor.__init__


def looks():
    assert copy.deepcopy(init) is init and pickle.loads(pickle.dumps(init)) is init
    assert typing.get_type_hints(init) == {"value": str}
    assert str(inspect.signature(Actor)) == "(value: str = 'given')"
    assert inspect.getfullargspec(init).args == ["self", "value"]
    assert inspect.isfunction(init) and inspect.getsource(init).startswith("    def __init__(")
    assert (init.__qualname__, init.__doc__) == ("Actor.__init__", "Sets it.")
    init(at_module, "called")  # plainly, as any function
    assert var.get() == "called"
    try:
        Actor("bad")
    except ValueError as error:
        frames = [each.name for each in traceback.extract_tb(error.__traceback__)]
    return frames


def patched():
    with mock.patch.object(Mixed, "__init__", autospec=True, return_value=None) as fake:
        Mixed("a")
        fake.assert_called_once_with(mock.ANY, "a")
    with mock.patch.object(Mixed, "__init__", lambda self, value: Mixin.__init__(self, "patch")):
        return got(Mixed("a")), got(Mixed("b")), got(Again("c"))


if __name__ == "__main__":
    print(*looks())
    print(*patched(), got(Mixed("mixed")), got(Frozen("frozen")), got(copy.deepcopy(Mixed("copy"))))
    again = run_register_process(Again("first"))
    print(call(again, "get")[1], call(again, "again", "second")[1], call(again, "get")[1])
    for unit in ("shared", "process"):
        actor = child(Actor(unit), isolation=unit)
        print(*call(run_register_process(actor), "is", init)[1])
    print(var.get())
    sys.exit()
