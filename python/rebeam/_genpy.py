"""Actors: the GenPy class, and what an instance says of itself."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Self

from rebeam._arguments import delay
from rebeam._handlers import GIVEN, Entry, Handlers, entry
from rebeam._native import response_error


def _refuse(self: GenPy, subject: str) -> Any:
    """The catch-all of a class that has none."""
    known = ", ".join(sorted(type(self).__rebeam_receive__)) or "none"
    return response_error(f"{type(self).__name__} handles no {subject!r} (it handles: {known})")


class GenPy:
    """An actor: one instance is one process, which handles one message at a time.

    Subclasses need not call `super().__init__()`. A restart makes a fresh object
    from the constructor arguments, which are copied when the first one is made.
    An attribute `name` (str) registers the process under that name. `state` is a dict for
    whatever you like.

    mailbox_limit: how many calls and casts may wait for the actor; None for any number. To one
    more a call is answered (Status.ERROR, "overloaded") at once, a cast returns False. The
    message that is being handled does not count, nor do those for `@info`.
    hibernate_after: after so many seconds without a message, the process gives back the memory
    that it does not need. Both may also be set on the instance, in `__init__`.
    """

    state: dict[Any, Any]
    mailbox_limit: int | None = None
    hibernate_after: float | None = None

    __rebeam_kind__: ClassVar[str] = "actor"  # lib/rebeam/trees.ex
    __rebeam_receive__: ClassVar[dict[str, Entry]] = {}
    __rebeam_other__: ClassVar[Entry | None] = entry(_refuse, "receive")
    __rebeam_start__: ClassVar[Entry | None] = None
    __rebeam_continue__: ClassVar[Entry | None] = None
    __rebeam_idle__: ClassVar[Entry | None] = None
    __rebeam_idle_after__: ClassVar[int | None] = None
    __rebeam_info__: ClassVar[Entry | None] = None
    __rebeam_stop__: ClassVar[Entry | None] = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        check_arguments(cls, args, kwargs)
        self = super().__new__(cls)
        self.state = {}
        self.__dict__["__rebeam_arguments__"] = copy_arguments((args, kwargs))
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        handlers = Handlers(cls, GIVEN)
        cls.__rebeam_receive__ = handlers.receives()
        cls.__rebeam_other__ = handlers.one("receive") or GenPy.__rebeam_other__
        cls.__rebeam_start__ = handlers.one("start")
        cls.__rebeam_continue__ = handlers.one("continue")
        cls.__rebeam_idle__ = handlers.one("idle")
        cls.__rebeam_idle_after__ = handlers.idle_after
        cls.__rebeam_info__ = handlers.one("info")
        cls.__rebeam_stop__ = handlers.one("stop")


def check_arguments(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """What object.__new__ checks where a class has no `__new__` of its own."""
    if (args or kwargs) and cls.__init__ is object.__init__:  # type: ignore[misc]
        raise TypeError(f"{cls.__name__}() takes no arguments: it has no __init__")


def copy_arguments(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> Any:
    """Copies of the arguments, so that a restart sees what was first given."""
    if arguments == ((), {}):
        return arguments
    try:
        return copy.deepcopy(arguments)
    except Exception:  # a lock, a socket: shared with every restart, as there is no other way
        return arguments


# Native numbers end somewhere; nobody has so many messages.
_LIMIT_MAX = 10**12

_Later = tuple[bool, int | None, int | None]


def settings(instance: Any) -> tuple[int | None, _Later | None] | None:
    """What is particular about a new instance (c_src/actor/settings.c); None for most.

    (mailbox limit, (continues, idle, hibernate after)), times in milliseconds.
    """
    cls = type(instance)
    if not issubclass(cls, GenPy):
        return None
    limit, rest = instance.mailbox_limit, instance.hibernate_after
    continues, idle_after = cls.__rebeam_continue__ is not None, cls.__rebeam_idle_after__
    if limit is None and rest is None and idle_after is None and not continues:
        return None
    what = cls.__qualname__
    if cls.__rebeam_kind__ != "actor":
        raise TypeError(f"{what}: a state machine has no mailbox_limit and no hibernate_after")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool)):
        raise TypeError(f"{what}.mailbox_limit must be a whole number or None, not {limit!r}")
    if limit is not None and limit < 1:
        raise ValueError(f"{what}.mailbox_limit must be at least 1, not {limit!r}")
    limit = None if limit is None else min(limit, _LIMIT_MAX)
    rests = None if rest is None else delay(rest, f"{what}.hibernate_after")
    if rests is None and idle_after is None and not continues:
        return limit, None
    return limit, (continues, idle_after, rests)
