"""The decorators that name the handlers of a class, and what is set up of them for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from rebeam._arguments import delay
from rebeam._engine import event_loop

F = TypeVar("F", bound=Callable[..., Any])

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

# What each kind of a GenPy's handlers is given besides `self`.
GIVEN = {
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

# What a handler is for: its kind, and the subject or what else tells it apart.
Key = tuple[str, Any]

# (function, letters, keywords): see c_src/actor/handler.h
Entry = tuple[Callable[..., Any], str, tuple[str, ...]]


def mark(kind: str, subject: Any = None) -> Callable[[F], F]:
    """Notes on a method what it handles: a kind, and a subject or what else tells it apart."""

    def decorate(function: F) -> F:
        if not inspect.isfunction(function):
            raise TypeError(f"{_show((kind, subject))} decorates a method, not {function!r}")
        marks = getattr(function, _MARK, ())
        setattr(function, _MARK, (*marks, (kind, subject)))
        return function

    return decorate


def start(*, continues: bool = False) -> Callable[[F], F]:
    """Marks the method that runs first in the new process. If it raises, the start failed.

    continues: the method runs when the start is over and whoever starts the actor, such as its
    supervisor, goes on; but before any message. If it raises, the actor crashes. A class may have
    one method of each kind.
    """
    return mark("continue" if continues else "start")


def receive(subject: str | None = None) -> Callable[[F], F]:
    """Marks the handler of calls and casts with this subject; without one, of all others.

    Parameters are matched by name, any of: self, message, source (the ProcessID of who called;
    of a cast its `sender_pid`, or None), subject, status (of a cast that answers one of ours),
    **kwargs. A call is answered by what the method returns: response_ok(x), response_error(x), or
    a plain x for OK. If it returns no_reply(), `reply(source, ...)` answers later. So is a cast
    with a `sender_pid`, but for no_reply().
    """
    if subject is not None and not isinstance(subject, str):
        raise TypeError(f"@receive takes a subject (str), not {subject!r}; write @receive()")
    return mark("receive", subject)


def info() -> Callable[[F], F]:
    """Marks the handler of what is no call or cast: plain messages, and `Down` and `Exit`
    of processes that the actor watches or is linked to."""
    return mark("info")


def idle(seconds: float) -> Callable[[F], F]:
    """Marks the method that runs when no message came, and nothing ran or waited, for `seconds`.

    It runs once, and again only after a message and so many seconds more without one.
    """
    milliseconds = delay(seconds, "@idle(seconds)")

    def decorate(function: F) -> F:
        mark("idle")(function)
        setattr(function, _SECONDS, milliseconds)
        return function

    return decorate


def stop() -> Callable[[F], F]:
    """Marks the method that runs when the actor ends, orderly or not. `reason` is a str."""
    return mark("stop")


def entry(
    function: Callable[..., Any], kind: str, parameters: tuple[str, ...] | None = None
) -> Entry:
    """How to call a handler; TypeError for a parameter that nothing fills."""
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"handler {function.__qualname__} must return, not yield")
    given = ("self", *(GIVEN[kind] if parameters is None else parameters))
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


class Handlers:
    """Collects the handlers of one class: its own over those it inherits, by subject."""

    def __init__(self, cls: type, kinds: Iterable[str]) -> None:
        """kinds: of those that this sort of actor calls; TypeError for any other."""
        self.found: dict[Key, Callable[..., Any]] = {}
        self.idle_after: int | None = None  # milliseconds
        for base in reversed(cls.__mro__):
            self._collect(base)
        self._check(cls, tuple(kinds))

    def _collect(self, base: type) -> None:
        own: dict[Key, str] = {}
        for name, attribute in vars(base).items():
            function, marks = _marked(attribute)
            for key in marks:
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

    def _check(self, cls: type, kinds: tuple[str, ...]) -> None:
        for (kind, _), function in self.found.items():
            if kind not in kinds:
                raise TypeError(
                    f"{cls.__qualname__}.{function.__name__}: {_show((kind, None))} is none of its "
                    f"decorators: @{', @'.join(each for each in kinds if each not in _SHOWN)}"
                )

    def one(self, kind: str) -> Entry | None:
        function = self.found.get((kind, None))
        return None if function is None else entry(function, kind)

    def receives(self) -> dict[str, Entry]:
        return {
            subject: entry(function, kind)
            for (kind, subject), function in self.found.items()
            if kind == "receive" and subject is not None
        }


def asynchronous(cls: type) -> str | None:
    """The first handler of the class that is an `async def`, or None."""
    for base in cls.__mro__:
        for attribute in vars(base).values():
            function, marks = _marked(attribute)
            if marks and inspect.iscoroutinefunction(function):
                return str(function.__qualname__)
    return None


def _marked(attribute: Any) -> tuple[Any, tuple[Key, ...]]:
    """The function under what other decorators put around it, and what it handles."""
    function = inspect.unwrap(attribute) if callable(attribute) else attribute
    return function, getattr(function, _MARK, getattr(attribute, _MARK, ()))


def _show(key: Key) -> str:
    kind, subject = key
    if subject is not None:
        return f"@{kind}({subject!r})"
    return "@" + _SHOWN.get(kind, kind + "()")
