"""Actors: the GenPy class, and what an instance says of itself."""

from __future__ import annotations

import copyreg
import functools
import inspect
import types
from contextvars import Context
from typing import Any, ClassVar, Self

from rebeam import _frames, _handlers, _kept, _luggage, _marks
from rebeam._arguments import delay
from rebeam._engine.outside import INSIDE
from rebeam._messages import reply
from rebeam._native import _initializer, _made, response_error, response_ok, sleep

_LONG = 3600.0


class _State:
    """`GenPy.state`: a dict for each instance, made when it is first asked for."""

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            return self
        kept = _kept.of(instance)
        if kept.state is None:
            kept.state = {}
        return kept.state

    def __set__(self, instance: object, value: Any) -> None:
        _kept.of(instance).state = value


class GenPy:
    """An actor: one instance is one process, which handles one message at a time.

    A supervisor starts it (`Supervisor`, `start_child`), and others reach it by its name or
    ProcessID, with `ask`, `call` and `cast`. What methods take which messages, `@receive` says.

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

    state: dict[Any, Any] = _State()  # type: ignore[assignment]
    mailbox_limit: int | None = None
    hibernate_after: float | None = None

    __rebeam_kind__: ClassVar[str] = "actor"  # lib/rebeam/trees.ex

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Notes what the instance is made with, for restarts."""
        arguments = _kept.copied((args, kwargs))
        below = super().__new__
        if below is not object.__new__:
            self = below(cls, *args, **kwargs)  # a builtin base takes them too
        elif (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError(f"{cls.__name__}() takes no arguments: it has no __init__")
        else:
            self = below(cls)
        _note(self, cls, arguments)
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A copy is made with what this was made with; elsewhere that is not known."""
        reduced = super().__reduce_ex__(protocol)
        if isinstance(reduced, str) or reduced[0] not in _BARE:
            return reduced  # its constructor is called, or it is for the class to say
        make, made_of, *rest = reduced
        if rest and isinstance(rest[0], dict):
            rest[0] = {name: rest[0][name] for name in rest[0] if name != _kept.NAME}
        return _copied, (_MadeWith.of(self), make, made_of), *rest

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _take_note(cls)
        cls.__rebeam_check__()

    @classmethod
    def __rebeam_check__(cls) -> None:
        """TypeError for handlers that do not fit together, where the class is made."""
        constructor = _marks.in_class(cls, "__init__")
        if constructor is not None and inspect.iscoroutinefunction(constructor.value):
            raise TypeError(
                f"{cls.__qualname__}.__init__ cannot be async: what it awaits belongs into an "
                "async def with @start()"
            )
        _marks.check(cls, tuple(_marks.GIVEN))
        cls.__rebeam_table__()

    @classmethod
    def __rebeam_table__(cls) -> _handlers.Table:
        """What handles what, now."""
        return _handlers.make_table(cls)

    def __rebeam_give_state__(self, source: Any) -> Any:
        """Another holder of its name is kept: it gets the state, which nothing changes any more."""
        state: Any = self.__getstate__()
        if isinstance(state, dict):
            state = {key: value for key, value in state.items() if key != _kept.NAME}
            if (kept := _kept.find(self)) is not None and kept.state:
                state["state"] = kept.state
        reply(source, response_ok(state))
        while True:
            sleep(_LONG)

    def __rebeam_move__(self) -> Any:
        """It goes on elsewhere, as what that makes of this."""
        return _luggage.given(self)

    def __rebeam_refuse__(self, subject: str) -> Any:
        """The catch-all of a class that has none."""
        subjects = (each for each in _handlers.table(type(self)).receive if each[0:1] != "$")
        known = ", ".join(sorted(subjects)) or "none"
        return response_error(f"{type(self).__name__} handles no {subject!r} (it handles: {known})")


# ---- what an instance was made with -------------------------------------------------------


def _note(self: object, cls: type, arguments: _kept.Arguments) -> None:
    """What made the instance: the class that was called, whichever its `__new__` made one of."""
    if not isinstance(self, GenPy):
        return
    known = _kept.find(self)
    if known is None or known.arguments is not None:
        known = _kept.of(self)
        known.cls, known.arguments = cls, arguments
        if _kept.body_runs:
            frame, _ = _frames.of_user()
            known.place = frame.f_globals.get("__name__"), frame.f_code.co_filename, frame.f_lineno
    if INSIDE and not _made(self):
        _stand_in_for_init(type(self))


def _stand_in_for_init(cls: type[GenPy]) -> None:
    """Has the `__init__` that the class has now run in a context of the instance's own."""
    owner = next(each for each in cls.__mro__ if "__init__" in vars(each))
    init = vars(owner)["__init__"]
    if not isinstance(init, types.FunctionType) or init.__module__ == "typing":
        return  # it sets nothing, or it puts another one into its place
    if not issubclass(owner, GenPy):
        owner = cls
    type.__setattr__(owner, "__init__", _initializer(init))


def _take_note(cls: type[GenPy]) -> None:
    """A `__new__` that need not come to GenPy's, of the class or of a mixin, notes as well."""
    made = cls.__new__
    if getattr(made, "__rebeam_notes__", False):
        return

    @functools.wraps(made)
    def __new__(kind: type[GenPy], /, *args: Any, **kwargs: Any) -> Any:
        arguments = _kept.copied((args, kwargs))
        self = made(kind, *args, **kwargs)
        _note(self, kind, arguments)
        return self

    __new__.__rebeam_notes__ = True  # type: ignore[attr-defined]
    # Past a metaclass that lets nobody change its classes.
    type.__setattr__(cls, "__new__", staticmethod(__new__))


# What makes an instance without its constructor, and so with arguments that are none.
_BARE = (copyreg.__newobj__, copyreg.__newobj_ex__, copyreg._reconstructor)  # type: ignore[attr-defined]


class _MadeWith:
    """What an instance was made with. A copy takes it along, but no pickle: arguments may be what
    cannot be pickled."""

    __slots__ = ("arguments", "cls", "context")

    def __init__(
        self, cls: Any = None, arguments: Any = _kept.UNKNOWN, context: Context | None = None
    ) -> None:
        self.cls, self.arguments, self.context = cls, arguments, context

    @classmethod
    def of(cls, instance: GenPy) -> _MadeWith:
        known = _kept.find(instance)
        if known is None or known.arguments is None:
            return cls()
        return cls(known.cls, known.arguments, known.context)

    def __deepcopy__(self, memo: Any) -> _MadeWith:
        if self.arguments is _kept.UNKNOWN:
            return self
        return _MadeWith(self.cls, _kept.copied(self.arguments), self.context)

    def __reduce__(self) -> Any:
        return _MadeWith, ()


def _copied(made_with: _MadeWith, make: Any, made_of: Any) -> Any:
    instance = make(*made_of)
    known = _kept.of(instance)
    known.cls, known.arguments = made_with.cls, made_with.arguments
    known.context = made_with.context and made_with.context.copy()
    return instance


GenPy.__new__.__rebeam_notes__ = True  # type: ignore[attr-defined]


# Native numbers end somewhere; nobody has so many messages.
_LIMIT_MAX = 10**12

_Later = tuple[bool, int | None, int | None]
_Settings = tuple[int | None, _Later | None, Context | None]


def settings(instance: Any) -> _Settings | None:
    """What is particular about a new instance (c_src/actor/settings.c); None for most.

    (mailbox limit, (continues, idle, hibernate after), context), times in milliseconds.
    """
    cls = type(instance)
    if not issubclass(cls, GenPy):
        return None
    context = _kept.take_context(instance)
    limit, rest = instance.mailbox_limit, instance.hibernate_after
    table = _handlers.table(cls)
    continues, idle_after = table.continues is not None, table.idle_after
    if limit is None and rest is None and idle_after is None and not continues:
        return None if context is None else (None, None, context)
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
        return limit, None, context
    return limit, (continues, idle_after, rests), context
