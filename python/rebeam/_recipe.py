"""How an actor's instance is made, and made again by a restart."""

from __future__ import annotations

import contextlib
from typing import Any

from rebeam import _kept
from rebeam._genpy import GenPy
from rebeam._native import _instances, pack, unpack


def _take_arguments(item: GenPy) -> _kept.Arguments:
    """What it was made with. ValueError if it was given to a supervisor before: two processes
    would share the object."""
    known = _kept.find(item)
    unknown = known is not None and known.arguments is _kept.UNKNOWN
    if unknown and all(each is not item for each, _ in _instances()):
        raise TypeError(
            f"it is not known what this {type(item).__name__} was made with, so it could not be "
            f"restarted: give the class, or an instance that a call of the class made"
        )
    if known is None or unknown or known.arguments is None:
        raise ValueError(
            f"this {type(item).__name__} is an actor already: give a new one, its class, or a "
            f"child(...) that is made once"
        )
    arguments, known.arguments = known.arguments, None
    _kept.forget_made(item, known)
    return arguments


def made(cls: type[GenPy], args: Any, kwargs: Any) -> GenPy:
    """A fresh instance, which is an actor's from now on."""
    if cls.__new__ is GenPy.__new__ and type(cls).__call__ is type.__call__:
        return _made_plainly(cls, args, kwargs)
    given = None if type(cls).__call__ is type.__call__ else _packed((args, kwargs))
    instance: GenPy = cls(*args, **kwargs)
    if isinstance(instance, GenPy):
        if given is not None and given != _packed(_kept.of(instance).arguments):
            # Its metaclass changes what it is called with, as it did the first time.
            instance = type.__call__(cls, *args, **kwargs)
        _kept.of(instance).arguments = None
    return instance


def _made_plainly(cls: type[GenPy], args: Any, kwargs: Any) -> GenPy:
    """As a call of the class makes it; nothing is kept of it, as of one that is no actor yet."""
    below: Any = super(GenPy, cls).__new__
    if below is not object.__new__:
        instance: GenPy = below(cls, *args, **kwargs)  # a builtin base takes them too
    else:
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError(f"{cls.__name__}() takes no arguments: it has no __init__")
        instance = below(cls)
    if isinstance(instance, cls):
        done: Any = type(instance).__init__(instance, *args, **kwargs)
        if done is not None:
            name = type(done).__name__
            raise TypeError(f"__init__() should return None, not '{name}'")
    return instance


def _packed(arguments: Any) -> bytes | None:
    """To tell whether two are the same; None where that cannot be told."""
    try:
        return pack(unpack(pack(arguments)))  # of which nobody else has a part
    except (TypeError, ValueError, RecursionError):
        return None


_NOTHING: _kept.Arguments = ((), {})


class Recipe:
    """Makes an actor's instance: the one it was given first, then fresh ones."""

    __slots__ = ("_arguments", "_cls", "_first")

    def __init__(self, item: GenPy | type[GenPy], fresh: bool = False) -> None:
        """fresh: of an instance only the arguments count."""
        # A list, as its pop is atomic: two processes never get the same object.
        self._first: list[GenPy] | None = None
        if isinstance(item, GenPy):
            known = _kept.find(item)
            self._arguments = _take_arguments(item)
            assert known is not None
            self._cls: type[GenPy] = known.cls
            if not fresh:
                self._first = [item]
        else:
            self._cls, self._arguments = item, _NOTHING

    @property
    def cls(self) -> type[GenPy]:
        """The actor's class."""
        return self._cls

    @property
    def kind(self) -> str:
        """Which process runs it."""
        return self._cls.__rebeam_kind__

    @classmethod
    def of(cls, item: type[GenPy], arguments: Any) -> Recipe:
        """From `parts`, elsewhere."""
        recipe = cls(item)
        recipe._arguments = arguments
        return recipe

    def give_back(self) -> None:
        """Its instance is not started: whoever has it may give it to another supervisor."""
        if self._first:
            kept = _kept.of(self._first.pop())
            kept.cls, kept.arguments = self._cls, self._arguments

    def parts(self) -> tuple[type[GenPy], Any]:
        """The class, and its constructor's arguments."""
        return self._cls, self._arguments

    def __call__(self) -> GenPy:
        first, self._first = self._first, None
        if first:
            with contextlib.suppress(IndexError):
                return first.pop()
        args, kwargs = _kept.copied(self._arguments)
        return made(self._cls, args, kwargs)
