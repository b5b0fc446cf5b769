"""What the runtime keeps of an actor's instance: what it was made with, and its `state`.

It is kept beside the instance and never in it, so that frozen and slotted classes, classes whose
instances share one `__dict__`, and what a class does in `__setattr__` have nothing to do with it.
"""

from __future__ import annotations

import contextlib
import copy
import weakref
from collections.abc import Callable
from contextvars import Context, ContextVar, Token, copy_context
from typing import Any

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""A constructor's, by position and by name."""

UNKNOWN: Any = object()
"""In their place, where no constructor's call was seen."""


class Kept:
    """Of one instance."""

    __slots__ = (
        "arguments",
        "cls",
        "context",
        "current",
        "made",
        "pid",
        "place",
        "records",
        "state",
        "watch",
    )

    def __init__(self) -> None:
        self.cls: Any = None  # which was called; its `__new__` may make one of another
        self.arguments: Arguments | None = UNKNOWN  # None: a supervisor took them
        self.context: Context | None = None  # in which its __init__ set variables
        self.state: dict[Any, Any] | None = None
        self.current: str | None = None  # of a state machine
        self.place: Any = None  # of a script's body: where it was made
        self.pid: Any = None  # of an actor
        self.records: Any = None  # of the flight recorder
        self.made = changes  # how many there were
        self.watch: Any = None  # lives as long as this: forgets it when the instance goes


changes = 0
"""How often a module was loaded again, and changed in place (rebeam._reload)."""
changed: Callable[[Any], None] | None = None
"""Brings an instance to what its class has become by then, before its next message."""

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
            kept.watch = weakref.ref(instance, lambda _: _forget(key))
            _kept[key] = kept
    return kept


def forget_made(instance: object, kept: Kept) -> None:
    """A supervisor took its arguments: most have nothing else, and there may be many."""
    if kept.context is None and kept.state is None and kept.watch is not None:
        _kept.pop(id(instance), None)


def _forget(key: int) -> None:
    global _lost
    kept = _kept.pop(key, None)
    if kept is not None and _lost is None and is_left(kept):
        _lost = kept


# ---- those that a script's body made -------------------------------------------------------

body_runs = False
_lost: Kept | None = None  # the first that went, and nobody had started it


def is_left(kept: Kept) -> bool:
    """Whether the body made it, and nobody has started it since."""
    return kept.place is not None and kept.arguments is not None and kept.arguments is not UNKNOWN


def left() -> list[tuple[Kept, object | None]]:
    """Those that nobody has started, the first one first, each with the instance if it is there."""
    found = [(kept, kept.watch and kept.watch()) for kept in list(_kept.values()) if is_left(kept)]
    return found if _lost is None else [(_lost, None), *found]


def forget_left() -> None:
    """The body is over: nobody asks for them any more."""
    global _lost
    _lost = None


def _dict_of(instance: object) -> dict[str, Any]:
    found: dict[str, Any] = object.__getattribute__(instance, "__dict__")
    return found


def copied(arguments: Arguments) -> Arguments:
    """Copies of the arguments, so that a restart sees what was first given."""
    if not arguments[0] and not arguments[1]:
        return arguments
    made: dict[int, Any] = {}
    try:
        return copy.deepcopy(arguments, made)
    except Exception:  # a lock, a socket: shared with every restart, as there is no other way
        for each in made.values():
            _disarm(each)
        return arguments


def _disarm(made: Any) -> None:
    """A copy that has nothing yet, as it was given up, has no `__del__` to run either."""
    if hasattr(type(made), "__del__") and getattr(made, "__dict__", None) == {}:
        with contextlib.suppress(TypeError):  # a class in C has a layout of its own
            object.__setattr__(made, "__class__", _GivenUp)


class _GivenUp:
    """The class of such a copy."""


# ---- the Context of an __init__ (c_src/actor/context.c) ------------------------------------

_carried: ContextVar[list[Token[Any]]] = ContextVar("rebeam.carried")


def carry(context: Context) -> None:
    """Puts into an __init__'s context what tells whose code an event loop runs here."""
    ours = [(each, value) for each, value in copy_context().items() if _is_ours(each)]
    context.run(_take_up, ours)


def _is_ours(variable: ContextVar[Any]) -> bool:
    return variable.name.startswith("rebeam.") and variable is not _carried


def _take_up(ours: list[tuple[ContextVar[Any], Any]]) -> None:
    tokens = [variable.set(value) for variable, value in ours]
    tokens.append(_carried.set(tokens))


def _put_down() -> None:
    for token in reversed(_carried.get()):
        token.var.reset(token)


def keep_context(instance: object, context: Context) -> None:
    """Its __init__ is over, and left something in its context."""
    if _carried in context:
        context.run(_put_down)
    if len(context) > 0:
        of(instance).context = context


def take_context(instance: object) -> Context | None:
    """It becomes an actor's."""
    kept = find(instance)
    if kept is None or kept.context is None:
        return None
    context, kept.context = kept.context, None
    return context
