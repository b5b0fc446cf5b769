"""What the runtime keeps of an actor's instance: what it was made with, and its `state`.

It is kept beside the instance and never in it, so that frozen and slotted classes, classes whose
instances share one `__dict__`, and what a class does in `__setattr__` have nothing to do with it.
"""

from __future__ import annotations

import copy
import weakref
from typing import Any

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""A constructor's, by position and by name."""

UNKNOWN: Any = object()
"""In their place, where no constructor's call was seen."""


class Kept:
    """Of one instance."""

    __slots__ = ("arguments", "cls", "current", "state", "watch")

    def __init__(self) -> None:
        self.cls: Any = None  # which was called; its `__new__` may make one of another
        self.arguments: Arguments | None = UNKNOWN  # None: a supervisor took them
        self.state: dict[Any, Any] | None = None
        self.current: str | None = None  # of a state machine
        self.watch: Any = None  # lives as long as this: forgets it when the instance goes


_kept: dict[int, Kept] = {}
# An instance that nobody can watch (a subclass of int, say) has it in itself.
NAME = "__rebeam_kept__"


def find(instance: object) -> Kept | None:
    """What is kept of it, or None."""
    kept = _kept.get(id(instance))
    if kept is None and type(instance).__weakrefoffset__ == 0:
        return _dict_of(instance).get(NAME)
    return kept


def of(instance: object) -> Kept:
    """What is kept of it, made if there is nothing yet."""
    kept = find(instance)
    if kept is None:
        kept = Kept()
        if type(instance).__weakrefoffset__ == 0:
            _dict_of(instance)[NAME] = kept
        else:
            key = id(instance)
            kept.watch = weakref.ref(instance, lambda _: _kept.pop(key, None))
            _kept[key] = kept
    return kept


def _dict_of(instance: object) -> dict[str, Any]:
    found: dict[str, Any] = object.__getattribute__(instance, "__dict__")
    return found


def copied(arguments: Arguments) -> Arguments:
    """Copies of the arguments, so that a restart sees what was first given."""
    if arguments == ((), {}):
        return arguments
    try:
        return copy.deepcopy(arguments)
    except Exception:  # a lock, a socket: shared with every restart, as there is no other way
        return arguments
