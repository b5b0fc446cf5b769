"""Actors: the GenPy class and the decorators that name its handlers."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from rebeam._native import response_error

_F = TypeVar("_F", bound=Callable[..., Any])

# What a handler's parameters may be called, and the letter that the native part
# knows each by (c_src/handler.h).
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
    "receive": ("message", "source", "subject", "status"),
    "info": ("message",),
    "stop": ("reason",),
}

_MARK = "__rebeam_handles__"

# (function, letters, keywords): see c_src/handler.h
_Entry = tuple[Callable[..., Any], str, tuple[str, ...]]


def _mark(kind: str, subject: str | None = None) -> Callable[[_F], _F]:
    def decorate(function: _F) -> _F:
        if not inspect.isfunction(function):
            raise TypeError(f"@{kind}() decorates a method, not {function!r}")
        marks = getattr(function, _MARK, ())
        setattr(function, _MARK, (*marks, (kind, subject)))
        return function

    return decorate


def start() -> Callable[[_F], _F]:
    """Marks the method that runs first in the new process. If it raises, the start failed."""
    return _mark("start")


def receive(subject: str | None = None) -> Callable[[_F], _F]:
    """Marks the handler of calls and casts with this subject; without one, of all others.

    Parameters are matched by name, any of: self, message, source (the sender's
    ProcessID or None), subject, status (of a cast that answers one of ours), **kwargs.
    """
    if subject is not None and not isinstance(subject, str):
        raise TypeError(f"@receive takes a subject (str), not {subject!r}; write @receive()")
    return _mark("receive", subject)


def info() -> Callable[[_F], _F]:
    """Marks the handler of what is no call or cast: plain messages from Erlang processes."""
    return _mark("info")


def stop() -> Callable[[_F], _F]:
    """Marks the method that runs when the actor ends, orderly or not. `reason` is a str."""
    return _mark("stop")


def _entry(function: Callable[..., Any], kind: str) -> _Entry:
    """How to call a handler; TypeError for a parameter that nothing fills."""
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError(f"handler {function.__qualname__} must be a plain def")
    given = ("self", *_GIVEN[kind])
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
                f"a @{kind} handler may take {', '.join(given)}"
            )
    return function, "".join(_PARAMETERS[name] for name in taken), tuple(taken)


def _refuse(self: GenPy, subject: str) -> Any:
    """The catch-all of a class that has none."""
    known = ", ".join(sorted(type(self).__rebeam_receive__)) or "none"
    return response_error(f"{type(self).__name__} handles no {subject!r} (it handles: {known})")


class _Handlers:
    """Collects the handlers of one class: its own over those it inherits, by subject."""

    def __init__(self, cls: type[GenPy]) -> None:
        self.found: dict[tuple[str, str | None], Callable[..., Any]] = {}
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
        # A method that a subclass overrides without a decorator stays the handler.
        for key, function in list(self.found.items()):
            override = vars(base).get(function.__name__)
            plain = inspect.isfunction(override) and not getattr(override, _MARK, ())
            if override is not None and override is not function and plain:
                self.found[key] = override

    def one(self, kind: str) -> _Entry | None:
        function = self.found.get((kind, None))
        return None if function is None else _entry(function, kind)

    def receives(self) -> dict[str, _Entry]:
        return {
            subject: _entry(function, kind)
            for (kind, subject), function in self.found.items()
            if kind == "receive" and subject is not None
        }


def _show(key: tuple[str, str | None]) -> str:
    kind, subject = key
    return f"@{kind}({subject!r})" if subject is not None else f"@{kind}()"


class GenPy:
    """An actor: one instance is one process, which handles one message at a time.

    Subclasses need not call `super().__init__()`. A restart makes a fresh object
    from the constructor arguments, which are copied when the first one is made.
    An attribute `name` (str) registers the process under that name.
    """

    state: dict[Any, Any]

    __rebeam_receive__: ClassVar[dict[str, _Entry]] = {}
    __rebeam_other__: ClassVar[_Entry | None] = _entry(_refuse, "receive")
    __rebeam_start__: ClassVar[_Entry | None] = None
    __rebeam_info__: ClassVar[_Entry | None] = None
    __rebeam_stop__: ClassVar[_Entry | None] = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        self.state = {}
        self.__dict__["__rebeam_arguments__"] = _copy((args, kwargs))
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        handlers = _Handlers(cls)
        cls.__rebeam_receive__ = handlers.receives()
        cls.__rebeam_other__ = handlers.one("receive") or GenPy.__rebeam_other__
        cls.__rebeam_start__ = handlers.one("start")
        cls.__rebeam_info__ = handlers.one("info")
        cls.__rebeam_stop__ = handlers.one("stop")


def _copy(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> Any:
    """Copies of the arguments, so that a restart sees what was first given."""
    if arguments == ((), {}):
        return arguments
    try:
        return copy.deepcopy(arguments)
    except Exception:  # a lock, a socket: shared with every restart, as there is no other way
        return arguments


class Recipe:
    """Makes an actor's instance: the one it was given first, then fresh ones."""

    __slots__ = ("_arguments", "_cls", "_first")

    def __init__(self, item: GenPy | type[GenPy]) -> None:
        if isinstance(item, GenPy):
            self._first: GenPy | None = item
            self._cls: type[GenPy] = type(item)
            self._arguments = item.__dict__.pop("__rebeam_arguments__", ((), {}))
        else:
            self._first, self._cls, self._arguments = None, item, ((), {})

    def __call__(self) -> GenPy:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        args, kwargs = _copy(self._arguments)
        instance: GenPy = self._cls(*args, **kwargs)
        instance.__dict__.pop("__rebeam_arguments__", None)
        return instance
