"""Handlers under decorators, in both orders: each answers with its message plus 1."""

import functools
from unittest import mock

import cachetools
import tenacity
import wrapt

from rebeam import GenPy, call, receive, run_register_process, sleep


def passing_all(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        assert isinstance(args[0], Decorated), args
        return function(*args, **kwargs)

    return wrapper


def passing_positions(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


def with_own_parameters(function):
    @functools.wraps(function)
    def wrapper(this, message):
        return function(this, message, given=1)

    return wrapper


@wrapt.decorator
def wrapped_by_wrapt(wrapped, instance, args, kwargs):
    assert isinstance(instance, Decorated), instance
    return wrapped(*args, **kwargs)


class Decorated(GenPy):
    one = 1

    def __init__(self):
        self.cache = {}
        self.tries = 0

    @receive("wraps, inside")
    @passing_all
    def wraps_inside(self, message):
        return message + self.one

    @passing_all
    @receive("wraps, outside")
    def wraps_outside(self, message):
        return message + self.one

    @receive("positions")
    @passing_positions
    def positions(self, message):
        return message + self.one

    @receive("own parameters")
    @with_own_parameters
    def own_parameters(self, message, given):
        return message + given

    @receive("wrapt, inside")
    @wrapped_by_wrapt
    def wrapt_inside(self, message):
        return message + self.one

    @wrapped_by_wrapt
    @receive("wrapt, outside")
    def wrapt_outside(self, message):
        return message + self.one

    @receive("tenacity, inside")
    @tenacity.retry(stop=tenacity.stop_after_attempt(3))
    def tenacity_inside(self, message):
        self.tries += 1
        if self.tries < 3:
            raise ValueError("again")
        return message + self.one

    @tenacity.retry(stop=tenacity.stop_after_attempt(3))
    @receive("tenacity, outside")
    def tenacity_outside(self, message):
        return message + self.one

    @receive("cachetools, inside")
    @cachetools.cachedmethod(lambda self: self.cache)
    def cachetools_inside(self, message):
        return message + self.one

    @cachetools.cachedmethod(lambda self: self.cache)
    @receive("cachetools, outside")
    def cachetools_outside(self, message):
        return message + self.one

    @receive("singledispatchmethod, inside")
    @functools.singledispatchmethod
    def dispatched_inside(self, message):
        return "not an int"

    @dispatched_inside.register
    def _(self, message: int):
        return message + self.one

    @functools.singledispatchmethod
    @receive("singledispatchmethod, outside")
    def dispatched_outside(self, message):
        return "not an int"

    @dispatched_outside.register
    def _(self, message: int):
        return message + self.one

    def add(self, message, number):
        return message + number

    partial = receive("partialmethod")(functools.partialmethod(add, number=1))

    @receive("classmethod, inside")
    @classmethod
    def class_inside(cls, message):
        return message + cls.one

    @classmethod
    @receive("classmethod, outside")
    def class_outside(cls, message):
        return message + cls.one

    @receive("staticmethod, inside")
    @staticmethod
    def static_inside(message):
        return message + 1

    @staticmethod
    @receive("staticmethod, outside")
    def static_outside(message):
        return message + 1

    @receive("another name than self")
    def named_otherwise(this, message):
        return message + this.one

    @receive("async, inside")
    @passing_all
    async def async_inside(self, message):
        return message + self.one

    @wrapped_by_wrapt
    @receive("async, outside")
    async def async_outside(self, message):
        return message + self.one

    @receive("async classmethod")
    @classmethod
    async def async_class(cls, message):
        return message + cls.one

    @receive("suspends")
    @passing_all
    def suspends(self, message):
        sleep(0.01)
        return message + self.one

    @wrapped_by_wrapt
    @receive("waits on a thread")
    def waits(self, message):
        sleep(0.01)
        return message + self.one


class Given(GenPy):
    """Its instances have something else in the place of what the class has."""

    def __init__(self):
        self.function = lambda message: message + 1
        self.mocked = mock.Mock(side_effect=lambda **given: given["message"] + 1)
        self.value = 1

    @receive("a function of the instance")
    def function(self, message):
        return "of the class"

    @receive("a mock of the instance")
    def mocked(self, message):
        return "of the class"

    @receive("a value of that name")
    def value(self, message):
        return message + self.value


SUBJECTS = [
    subject
    for attribute in vars(Decorated).values()
    for layer in (attribute, getattr(attribute, "func", None))
    for _, subject in getattr(layer, "__rebeam_handles__", ())
]


if __name__ == "__main__":
    decorated, given = run_register_process(Decorated), run_register_process(Given)
    wrong = {name: got for name in SUBJECTS if (got := call(decorated, name, 1)) != ("ok", 2)}
    print(len(SUBJECTS), wrong)
    print(call(decorated, "singledispatchmethod, inside", "text")[1])
    print(call(decorated, "singledispatchmethod, outside", "text")[1])
    for subject in ("a function of the instance", "a mock of the instance", "a value of that name"):
        print(*call(given, subject, 1))
