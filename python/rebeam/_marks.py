"""Handlers: the decorators that name them, and which of a class's attributes takes what.

A decorator leaves its *mark* on what it decorates: a kind and, for `@receive`, a subject. What a
class handles follows from the marks below it and from nothing else, at the time of the message:

    subject --marks of the class and its bases--> name of an attribute
            --getattr(instance, name)-----------> what is called

So what takes the attribute's place (a method of a subclass, a mock, a decorator of the class)
takes the message. The native part asks for a class's table again when the class has changed
(c_src/actor/handler.h).
"""

from __future__ import annotations

import functools
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar, cast

from rebeam._arguments import delay

D = TypeVar("D", bound=Callable[..., Any])
F = TypeVar(
    "F",
    bound="Callable[..., Any] | functools.partialmethod[Any] | functools.singledispatchmethod[Any]",
)

Key = tuple[str, Any]
"""What a handler is for: a kind and a subject, or what a state machine has in its place."""

GIVEN = {
    "start": (),
    "continue": (),
    "idle": (),
    "receive": ("message", "source", "subject", "status"),
    "info": ("message",),
    "stop": ("reason",),
    "code_change": ("old_version",),
    "merge": ("other_state",),
}
"""What each kind of handler is given besides `self`."""

SHOWN = {"continue": "start(continues=True)"}
"""Kinds that read otherwise in the source."""

_MARK = "__rebeam_handles__"
_LAYERS_MAX = 50
_BARE = (types.FunctionType, staticmethod, classmethod, functools.partialmethod)
_TIME = "__rebeam_idle_after__"  # on what @idle decorates: milliseconds

# Marked in the body of a class that is not made yet: {(module, class): {name: keys}}.
_announced: dict[tuple[str, str], dict[str, list[Key]]] = {}

# ---- what is known of a class -------------------------------------------------------------

KNOWN = "__rebeam_known__"
"""The attribute of a class."""


class Known:
    """What is known of a class. It is in the class itself, which what is known refers to: so both
    go together, where a dictionary beside them would hold the class.

    names: what its attributes were marked for; a mock in the place of one has no mark of its own.
    idle_after: what its @idle says, in milliseconds. The others are `_handlers`' and `_statem`'s.
    """

    __slots__ = ("_cls", "idle_after", "machine", "names", "table", "version")

    def __init__(self, cls: type | None = None) -> None:
        self._cls = None if cls is None else weakref.ref(cls)
        self.names: dict[Key, str] = {}
        self.idle_after: int | None = None
        self.version = 0
        self.table: Any = None
        self.machine: Any = None  # of a state machine: the table that it goes with, and it

    def __reduce__(self) -> Any:
        """A class that is pickled with all that it has leaves this behind."""
        return Known, ()

    @staticmethod
    def find(cls: type) -> Known | None:
        """The class's own; a class that was made of another's attributes has that one's."""
        known = vars(cls).get(KNOWN)
        if not isinstance(known, Known) or known._cls is None or known._cls() is not cls:
            return None
        return known

    @staticmethod
    def of(cls: type) -> Known:
        """The same, made if there is none."""
        known = Known.find(cls)
        if known is None:
            known = Known(cls)
            type.__setattr__(cls, KNOWN, known)  # a metaclass may refuse
        return known


# ---- marks --------------------------------------------------------------------------------


def mark(kind: str, subject: Any = None) -> Callable[[F], F]:
    """The decorator that leaves the mark. TypeError for what can have none."""

    def decorate(decorated: F) -> F:
        key = (kind, subject)
        _check_name(decorated, sys._getframe(1).f_locals)
        if isinstance(decorated, (type, property)) or not (
            callable(decorated) or hasattr(decorated, "__get__")
        ):
            raise TypeError(f"{show(key)} decorates a method, not {decorated!r}")
        try:
            setattr(decorated, _MARK, tuple(dict.fromkeys((*marks_of(decorated), key))))
        except (AttributeError, TypeError):
            raise TypeError(
                f"{show(key)} can leave no mark on {decorated!r}: "
                f"put it below the decorator that makes this, next to the def"
            ) from None
        _announce(decorated, key)
        return decorated

    return decorate


def _check_name(decorated: object, body: Any) -> None:
    """TypeError for the second handler of a name, in whose place the first one would go."""
    name = getattr(decorated, "__name__", None)
    before = marks_of(body.get(name)) if "__qualname__" in body else ()
    if before and body[name] is not decorated:
        raise TypeError(
            f"{body['__qualname__']} has two methods {name}, and the second one takes the place of "
            f"the first, which handles {show(before[0])}: give each a name of its own"
        )


def show(key: Key) -> str:
    """The decorator, as it is written."""
    kind, subject = key
    if subject is not None:
        return f"@{kind}({subject!r})"
    return "@" + SHOWN.get(kind, kind + "()")


def marks_of(attribute: object) -> tuple[Key, ...]:
    """Its own marks; those that `functools.wraps` copied are its own."""
    found = _ask(attribute, _MARK)
    return found if isinstance(found, tuple) else ()


def _ask(attribute: object, name: str) -> object:
    """An attribute of what a class has; that may be anything, also what refuses to answer."""
    try:
        return getattr(attribute, name, None)
    except Exception:
        return None


def _inner(attribute: object) -> object:
    """What a decorator, a partialmethod or a singledispatchmethod is around; or None."""
    if isinstance(attribute, (functools.partialmethod, functools.singledispatchmethod)):
        return attribute.func
    if isinstance(attribute, type) or not (
        callable(attribute) or hasattr(type(attribute), "__get__")
    ):
        return None
    return _ask(attribute, "__wrapped__") or _ask(attribute, "__func__")


def layers(attribute: object) -> Iterator[object]:
    """The attribute and what it is around, from the outside in. Some proxies have no end."""
    for _ in range(_LAYERS_MAX):
        yield attribute
        attribute = _inner(attribute)
        if attribute is None:
            return


def _announce(decorated: object, key: Key) -> None:
    """Should a decorator above hide the mark, the class can tell."""
    place, _, name = str(getattr(decorated, "__qualname__", "")).rpartition(".")
    module = str(getattr(decorated, "__module__", None))
    if place and not place.endswith("<locals>"):
        _announced.setdefault((module, place), {}).setdefault(name, []).append(key)


# ---- the decorators -----------------------------------------------------------------------


def with_parentheses(written: str) -> Callable[[D], D]:
    """For decorators that are called, as it is written. TypeError that says so, where one without
    parentheses got the method itself."""

    def wrap(decorator: D) -> D:
        @functools.wraps(decorator)
        def checked(*args: Any, **named: Any) -> Any:
            if len(args) == 1 and not named and isinstance(args[0], _BARE):
                method = getattr(args[0], "__name__", "a method")
                name = decorator.__name__
                raise TypeError(f"@{name} above {method} has no parentheses: write {written}")
            return decorator(*args, **named)

        return cast(D, checked)

    return wrap


@with_parentheses("@start()")
def start(*, continues: bool = False) -> Callable[[F], F]:
    """Marks the method that runs first in the new process. If it raises, the start failed.

    continues: the method runs when the start is over and whoever starts the actor, such as its
    supervisor, goes on; but before any message. If it raises, the actor crashes. A class may have
    one method of each kind.
    """
    return mark("continue" if continues else "start")


@with_parentheses('@receive("subject"), or @receive() for all others')
def receive(subject: str | None = None) -> Callable[[F], F]:
    """Marks the handler of calls and casts with this subject; without one, of all others.

    Parameters are matched by name, any of: self, message, source (the ProcessID of who called;
    of a cast its `sender_pid`, or None), subject, status (of a cast that answers one of ours),
    **kwargs. A call is answered by what the method returns: response_ok(x), response_error(x), or
    a plain x for OK. If it returns no_reply(), `reply(source, ...)` answers later. So is a cast
    with a `sender_pid`. What comes back for a cast has a status, and its source is who answered.
    """
    if subject is not None and not isinstance(subject, str):
        raise TypeError(
            f"@receive takes a subject (str), not {subject!r}; without one, write @receive()"
        )
    return mark("receive", subject)


@with_parentheses("@info()")
def info() -> Callable[[F], F]:
    """Marks the handler of what is no call or cast: plain messages, and `Down` and `Exit`
    of processes that the actor watches or is linked to."""
    return mark("info")


@with_parentheses("@idle(seconds)")
def idle(seconds: float) -> Callable[[F], F]:
    """Marks the method that runs when no message came, and nothing ran or waited, for `seconds`.

    It runs once, and again only after a message and so many seconds more without one.
    """
    milliseconds = delay(seconds, "@idle(seconds)")

    def decorate(function: F) -> F:
        mark("idle")(function)
        setattr(function, _TIME, milliseconds)
        return function

    return decorate


@with_parentheses("@stop()")
def stop() -> Callable[[F], F]:
    """Marks the method that runs when the actor ends, orderly or not. `reason` is a str."""
    return mark("stop")


@with_parentheses("@code_change()")
def code_change() -> Callable[[F], F]:
    """Marks the method that brings an instance to what the class has become, when `reload` has
    changed it: it is the new class's, and runs before the instance's next message.

    Parameters are matched by name, any of: self, old_version (what the class's or the module's
    `__version__` was, or else the number of times that the module had been loaded). It is tried on
    copies of all actors' states before anything changes: if one raises, nothing does. A `def`.
    """
    return mark("code_change")


@with_parentheses("@merge()")
def merge() -> Callable[[F], F]:
    """Marks the method that takes over from another holder of the actor's name in the cluster.

    Two had it while the cluster was split, or before two met, and this one is kept. `other_state`
    is what the other's `__getstate__()` gives, by default its attributes: a dict. It ran nothing
    after that, and has ended.
    """
    return mark("merge")


# ---- which attribute handles what -----------------------------------------------------------


class Attribute(NamedTuple):
    """One of a class, as it stands in the class that has it."""

    name: str
    owner: type
    value: object


def _of_class(base: type) -> dict[Key, str]:
    """The name of the attribute that `base` itself has for each key, as it is now."""
    before = Known.find(base)
    known = {} if before is None else before.names
    marks: dict[str, tuple[Key, ...]] = {}
    own: dict[Key, list[str]] = {}
    around: dict[Key, list[str]] = {}
    for name, value in list(vars(base).items()):
        for layer in layers(value):
            if marks_of(layer):
                marks[name] = marks_of(layer)
                _note_time(base, layer)
                for key in marks[name]:
                    (own if layer is value else around).setdefault(key, []).append(name)
                break
    for key, names in (around | own).items():
        # What has no mark, such as a mock, takes the place of what had one; the method itself may
        # be kept under another name meanwhile.
        if known.get(key) not in vars(base) or known[key] in marks:
            known[key] = _only(base, key, names, known.get(key))
    for key, name in list(known.items()):
        if name not in vars(base) or key not in marks.get(name, (key,)):
            del known[key]
    if known:
        Known.of(base).names = known
    return known


def _only(base: type, key: Key, names: list[str], before: str | None) -> str:
    """The one of these names; TypeError if they are of several methods."""
    name = before if before in names else names[0]
    for other in names:
        if vars(base)[other] is not vars(base)[name]:
            raise TypeError(f"{base.__qualname__}: {name} and {other} both handle {show(key)}")
    return name


def _note_time(base: type, marked: object) -> None:
    time = _ask(marked, _TIME)
    if isinstance(time, int):
        Known.of(base).idle_after = time


def find(cls: type) -> dict[Key, Attribute]:
    """What handles each key: the last class's over those that it inherits, by subject."""
    names: dict[Key, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ != "builtins":
            names.update(_of_class(base))
    found = {key: in_class(cls, name) for key, name in names.items()}
    return {key: each for key, each in found.items() if each is not None and each.value is not None}


def check(cls: type, kinds: tuple[str, ...]) -> None:
    """TypeError, when the class is made, for handlers that would never be called."""
    announced = [
        (base, _announced.pop((base.__module__, base.__qualname__), {})) for base in cls.__mro__
    ]
    for (kind, _), attribute in find(cls).items():
        if kind not in kinds:
            raise TypeError(
                f"{cls.__qualname__}.{attribute.name}: {show((kind, None))} is none of its "
                f"decorators: @{', @'.join(each for each in kinds if each not in SHOWN)}"
            )
    for base, names in announced:
        for name, keys in names.items():
            hidden = vars(base).get(name)
            if hidden is not None and not any(marks_of(layer) for layer in layers(hidden)):
                raise TypeError(
                    f"{base.__qualname__}.{name}: a decorator above {show(keys[0])} hides it. "
                    f"Put {show(keys[0])} first, or functools.wraps into that decorator"
                )


def idle_time(cls: type) -> int | None:
    """What the nearest @idle among the class's bases says, in milliseconds."""
    times = (known.idle_after for base in cls.__mro__ if (known := Known.find(base)))
    return next((time for time in times if time is not None), None)


def in_class(cls: type, name: str) -> Attribute | None:
    """The attribute of that name, where the class finds it."""
    for base in cls.__mro__:
        if name in vars(base):
            return Attribute(name, base, vars(base)[name])
    return None
