"""Actors: the GenPy class and the decorators that name its handlers."""

from __future__ import annotations

import contextlib
import copy
import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from rebeam._engine import event_loop
from rebeam._native import response_error

_F = TypeVar("_F", bound=Callable[..., Any])

# What a handler's parameters may be called, and the letter that the native part
# knows each by (c_src/actor/handler.h).
_PARAMETERS = {
    "self": "s",
    "message": "m",
    "source": "o",
    "subject": "u",
    "status": "t",
    "reason": "r",
}

# What each kind of handler is given besides `self`.
_GIVEN = {
    "start": (),
    "continue": (),
    "idle": (),
    "receive": ("message", "source", "subject", "status"),
    "info": ("message",),
    "stop": ("reason",),
}

# Kinds that read otherwise in the source.
_SHOWN = {"continue": "start(continues=True)"}

_MARK = "__rebeam_handles__"
_SECONDS = "__rebeam_seconds__"  # on the function that @idle decorates

# Native numbers end somewhere; nobody waits for so many milliseconds or messages.
_FOREVER = 10**12

# (function, letters, keywords): see c_src/actor/handler.h
_Entry = tuple[Callable[..., Any], str, tuple[str, ...]]


def _mark(kind: str, subject: str | None = None) -> Callable[[_F], _F]:
    def decorate(function: _F) -> _F:
        if not inspect.isfunction(function):
            raise TypeError(f"{_show((kind, subject))} decorates a method, not {function!r}")
        marks = getattr(function, _MARK, ())
        setattr(function, _MARK, (*marks, (kind, subject)))
        return function

    return decorate


def start(*, continues: bool = False) -> Callable[[_F], _F]:
    """Marks the method that runs first in the new process. If it raises, the start failed.

    continues: the method runs when the start is over and whoever starts the actor, such as its
    supervisor, goes on; but before any message. If it raises, the actor crashes. A class may have
    one method of each kind.
    """
    return _mark("continue" if continues else "start")


def receive(subject: str | None = None) -> Callable[[_F], _F]:
    """Marks the handler of calls and casts with this subject; without one, of all others.

    Parameters are matched by name, any of: self, message, source (the ProcessID of who called;
    of a cast its `sender_pid`, or None), subject, status (of a cast that answers one of ours),
    **kwargs. A call is answered by what the method returns: response_ok(x), response_error(x), or
    a plain x for OK. If it returns no_reply(), `reply(source, ...)` answers later. So is a cast
    with a `sender_pid`, but for no_reply().
    """
    if subject is not None and not isinstance(subject, str):
        raise TypeError(f"@receive takes a subject (str), not {subject!r}; write @receive()")
    return _mark("receive", subject)


def info() -> Callable[[_F], _F]:
    """Marks the handler of what is no call or cast: plain messages, and `Down` and `Exit`
    of processes that the actor watches or is linked to."""
    return _mark("info")


def idle(seconds: float) -> Callable[[_F], _F]:
    """Marks the method that runs when no message came, and nothing ran or waited, for `seconds`.

    It runs once, and again only after a message and so many seconds more without one.
    """
    milliseconds = _milliseconds(seconds, "@idle(seconds)")

    def decorate(function: _F) -> _F:
        _mark("idle")(function)
        setattr(function, _SECONDS, milliseconds)
        return function

    return decorate


def stop() -> Callable[[_F], _F]:
    """Marks the method that runs when the actor ends, orderly or not. `reason` is a str."""
    return _mark("stop")


def _milliseconds(seconds: object, what: str) -> int:
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise TypeError(f"{what} must be a number of seconds, not {seconds!r}")
    if not 0 < seconds < math.inf:
        raise ValueError(f"{what} must be a number of seconds above 0, not {seconds!r}")
    return math.ceil(min(seconds * 1000, _FOREVER))


def _entry(
    function: Callable[..., Any], kind: str, parameters: tuple[str, ...] | None = None
) -> _Entry:
    """How to call a handler; TypeError for a parameter that nothing fills."""
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"handler {function.__qualname__} must return, not yield")
    given = ("self", *(_GIVEN[kind] if parameters is None else parameters))
    taken: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            taken += [name for name in given if name not in taken and name != "self"]
        elif parameter.kind is parameter.VAR_POSITIONAL:
            continue
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            raise TypeError(
                f"{function.__qualname__}: parameters are matched by name, so "
                f"{parameter.name!r} cannot be positional-only"
            )
        elif parameter.name in given:
            taken.append(parameter.name)
        elif parameter.default is parameter.empty:
            raise TypeError(
                f"{function.__qualname__}: no parameter {parameter.name!r}; "
                f"a @{_SHOWN.get(kind, kind)} handler may take {', '.join(given)}"
            )
    if inspect.iscoroutinefunction(inspect.unwrap(function)):
        function = event_loop.handler(function)
    # Those of a state machine have no letters: Python calls its handlers.
    return function, "".join(_PARAMETERS.get(name, "") for name in taken), tuple(taken)


def _refuse(self: GenPy, subject: str) -> Any:
    """The catch-all of a class that has none."""
    known = ", ".join(sorted(type(self).__rebeam_receive__)) or "none"
    return response_error(f"{type(self).__name__} handles no {subject!r} (it handles: {known})")


class _Handlers:
    """Collects the handlers of one class: its own over those it inherits, by subject."""

    def __init__(self, cls: type[GenPy]) -> None:
        self.found: dict[tuple[str, str | None], Callable[..., Any]] = {}
        self.idle_after: int | None = None  # milliseconds
        for base in reversed(cls.__mro__):
            self._collect(base, cls)

    def _collect(self, base: type, cls: type) -> None:
        own: dict[tuple[str, str | None], str] = {}
        for name, attribute in vars(base).items():
            function = inspect.unwrap(attribute) if callable(attribute) else attribute
            for key in getattr(function, _MARK, getattr(attribute, _MARK, ())):
                if key in own:
                    raise TypeError(
                        f"{base.__qualname__}: {own[key]} and {name} both handle {_show(key)}"
                    )
                own[key] = name
                self.found[key] = attribute
                if key[0] == "idle":
                    marked = function if hasattr(function, _SECONDS) else attribute
                    self.idle_after = getattr(marked, _SECONDS)
        # A method that a subclass overrides without a decorator stays the handler.
        for key, function in list(self.found.items()):
            override = vars(base).get(function.__name__)
            plain = inspect.isfunction(override) and not getattr(override, _MARK, ())
            if override is not None and override is not function and plain:
                self.found[key] = override

    def only(self, cls: type[GenPy], kinds: tuple[str, ...]) -> None:
        """TypeError for a handler that this kind of actor never calls."""
        for (kind, _), function in self.found.items():
            if kind not in kinds:
                raise TypeError(
                    f"{cls.__qualname__}.{function.__name__}: {_show((kind, None))} is none of its "
                    f"decorators: @{', @'.join(each for each in kinds if each not in _SHOWN)}"
                )

    def one(self, kind: str) -> _Entry | None:
        function = self.found.get((kind, None))
        return None if function is None else _entry(function, kind)

    def receives(self) -> dict[str, _Entry]:
        return {
            subject: _entry(function, kind)
            for (kind, subject), function in self.found.items()
            if kind == "receive" and subject is not None
        }


def asynchronous(cls: type) -> str | None:
    """The first handler of the class that is an `async def`, or None."""
    for base in cls.__mro__:
        for attribute in vars(base).values():
            function = inspect.unwrap(attribute) if callable(attribute) else attribute
            marked = hasattr(function, _MARK) or hasattr(attribute, _MARK)
            if marked and inspect.iscoroutinefunction(function):
                return str(function.__qualname__)
    return None


def _show(key: tuple[str, str | None]) -> str:
    kind, subject = key
    if subject is not None:
        return f"@{kind}({subject!r})"
    return "@" + _SHOWN.get(kind, kind + "()")


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
    __rebeam_receive__: ClassVar[dict[str, _Entry]] = {}
    __rebeam_other__: ClassVar[_Entry | None] = _entry(_refuse, "receive")
    __rebeam_start__: ClassVar[_Entry | None] = None
    __rebeam_continue__: ClassVar[_Entry | None] = None
    __rebeam_idle__: ClassVar[_Entry | None] = None
    __rebeam_idle_after__: ClassVar[int | None] = None
    __rebeam_info__: ClassVar[_Entry | None] = None
    __rebeam_stop__: ClassVar[_Entry | None] = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        _check_arguments(cls, args, kwargs)
        self = super().__new__(cls)
        self.state = {}
        self.__dict__["__rebeam_arguments__"] = _copy((args, kwargs))
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        handlers = _Handlers(cls)
        handlers.only(cls, tuple(_GIVEN))
        cls.__rebeam_receive__ = handlers.receives()
        cls.__rebeam_other__ = handlers.one("receive") or GenPy.__rebeam_other__
        cls.__rebeam_start__ = handlers.one("start")
        cls.__rebeam_continue__ = handlers.one("continue")
        cls.__rebeam_idle__ = handlers.one("idle")
        cls.__rebeam_idle_after__ = handlers.idle_after
        cls.__rebeam_info__ = handlers.one("info")
        cls.__rebeam_stop__ = handlers.one("stop")


def _check_arguments(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """What object.__new__ checks where a class has no `__new__` of its own."""
    if (args or kwargs) and cls.__init__ is object.__init__:  # type: ignore[misc]
        raise TypeError(f"{cls.__name__}() takes no arguments: it has no __init__")


def _copy(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> Any:
    """Copies of the arguments, so that a restart sees what was first given."""
    if arguments == ((), {}):
        return arguments
    try:
        return copy.deepcopy(arguments)
    except Exception:  # a lock, a socket: shared with every restart, as there is no other way
        return arguments


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
    limit = None if limit is None else min(limit, _FOREVER)
    rests = None if rest is None else _milliseconds(rest, f"{what}.hibernate_after")
    if rests is None and idle_after is None and not continues:
        return limit, None
    return limit, (continues, idle_after, rests)


def _take_arguments(item: GenPy) -> Any:
    """What it was made with. ValueError if it was given to a supervisor before: two processes
    would share the object."""
    if type(item).__new__ is GenPy.__new__ and "__rebeam_arguments__" not in item.__dict__:
        raise ValueError(
            f"this {type(item).__name__} is an actor already: give a new one, its class, or a "
            f"child(...) that is made once"
        )
    return item.__dict__.pop("__rebeam_arguments__", ((), {}))


class Recipe:
    """Makes an actor's instance: the one it was given first, then fresh ones."""

    __slots__ = ("_arguments", "_cls", "_first")

    def __init__(self, item: GenPy | type[GenPy], fresh: bool = False) -> None:
        """fresh: of an instance only the arguments count."""
        # A list, as its pop is atomic: two processes never get the same object.
        self._first: list[GenPy] = []
        if isinstance(item, GenPy):
            self._cls: type[GenPy] = type(item)
            self._arguments = _take_arguments(item)
            if not fresh:
                self._first.append(item)
        else:
            self._cls, self._arguments = item, ((), {})

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

    def parts(self) -> tuple[type[GenPy], Any]:
        """The class, and its constructor's arguments."""
        return self._cls, self._arguments

    def __call__(self) -> GenPy:
        with contextlib.suppress(IndexError):
            return self._first.pop()
        args, kwargs = _copy(self._arguments)
        instance: GenPy = self._cls(*args, **kwargs)
        instance.__dict__.pop("__rebeam_arguments__", None)
        return instance
