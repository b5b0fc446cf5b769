"""How handlers are called: their parameters are matched by name, any of them, in any order.

The native part asks for a class's table when the class has changed, and calls what
`getattr(instance, name)` finds as the table says (c_src/actor/handler.h).
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
import weakref
from typing import Any, NamedTuple

from rebeam import _frames, _kept, _native
from rebeam._engine import event_loop, progress, spans
from rebeam._marks import GIVEN, SHOWN, Attribute, Known, find, idle_time, in_class, layers

# What a handler's parameters may be called, and the letter that the native part knows each by.
# `bound` is the bound method itself, for a function of ours that calls it.
_LETTERS = {
    "self": "s",
    "bound": "b",
    "message": "m",
    "source": "o",
    "subject": "u",
    "status": "t",
    "reason": "r",
    "other_state": "m",
}


# What an instance has of its own in the place of a descriptor. Anything else there may be what the
# descriptor made and keeps, as that of cachetools does.
_PLAIN = (types.FunctionType, types.MethodType, functools.partial)


class Handler(NamedTuple):
    """How the native part calls a handler (c_src/actor/handler.c).

    name: of the attribute. function: what its bound method is of, or it itself if it is not
    bound; None where getattr makes something else each time. call: what is called instead of it;
    None: what getattr gave. letters: the arguments, one each; `positional` of them go by position,
    the others by the keywords in `names`. arguments: the same in words. where: for people.
    """

    name: str
    function: Any
    call: Any
    letters: str
    positional: int
    names: tuple[str, ...]
    arguments: tuple[str, ...]
    where: str

    def is_of(self, bound: Any, instance: object) -> bool:
        """Whether that is what getattr gives where the class's own attribute is found."""
        if self.function is None:
            own = object.__getattribute__(instance, "__dict__")
            return self.name not in own or not isinstance(bound, _PLAIN)
        if not callable(bound):  # a value of the same name by chance
            return True
        return getattr(bound, "__func__", bound) is self.function


def handler(
    cls: type, kind: str, attribute: Attribute, given: tuple[str, ...] | None = None
) -> Handler:
    """The handler that an attribute of a class is; TypeError for a parameter that nothing fills."""
    value = attribute.value
    where = f"{attribute.owner.__qualname__}.{attribute.name}"
    given = GIVEN[kind] if given is None else given
    if inspect.isfunction(value):
        taken = _Taken.of_method(value, kind, where, given)
        return taken.handler(attribute.name, where, value, _runner(value))
    if isinstance(value, (classmethod, staticmethod)) and inspect.isfunction(value.__func__):
        bound = isinstance(value, classmethod)
        taken = _Taken.of_bound(value.__func__, kind, where, given, skip=int(bound))
        taken = taken.before("self") if bound else taken
        return taken.handler(attribute.name, where, value.__func__, _runner(value.__func__))
    if not hasattr(type(value), "__get__"):
        if not callable(value):
            raise TypeError(f"{where} takes the place of a handler, but {value!r} is no method")
        return of_bound(value, kind, attribute.name, where, given)
    got = value.__get__(None, cls)  # type: ignore[attr-defined]
    if not callable(got):
        raise TypeError(f"{where} is no method: a {type(value).__name__} handles no message")
    first = isinstance(value, functools.singledispatchmethod)
    taken = _Taken.of_bound(got, kind, where, given, skip=int(not _is_bound(got)), first=first)
    return taken.bound(attribute.name, where, _is_async(value))


def of_bound(
    bound: Any, kind: str, name: str, where: str, given: tuple[str, ...] | None = None
) -> Handler:
    """The handler that an instance has in the place of its class's."""
    given = GIVEN[kind] if given is None else given
    function = getattr(bound, "__func__", bound)
    if not inspect.isfunction(function):
        return _of_bound(bound, kind, name, where, given)
    known = _of_functions.setdefault(function, {})
    key = (function.__code__, function is bound, kind, name, where, given)
    if key not in known:
        known[key] = _of_bound(bound, kind, name, where, given)
    return known[key]


# What was said of functions: an instance has them for more than one message.
_of_functions: weakref.WeakKeyDictionary[Any, dict[Any, Handler]] = weakref.WeakKeyDictionary()


def _of_bound(bound: Any, kind: str, name: str, where: str, given: tuple[str, ...]) -> Handler:
    taken = _Taken.of_bound(bound, kind, where, given)
    return taken.bound(name, where, _is_async(bound))


def _is_bound(got: object) -> bool:
    return inspect.ismethod(got) or getattr(got, "__self__", None) is not None


def _is_async(attribute: object) -> bool:
    return any(inspect.iscoroutinefunction(layer) for layer in layers(attribute))


def _runner(function: Any) -> Any:
    return event_loop.handler(function) if _is_async(function) else function


async def _await_bound(bound: Any, /, *args: Any, **named: Any) -> Any:
    return await bound(*args, **named)


_run_bound = event_loop.handler(_await_bound)


class _Taken(NamedTuple):
    """The arguments that a callable takes, of those that there are."""

    by_position: tuple[str, ...]
    by_name: tuple[str, ...]

    def handler(self, name: str, where: str, function: Any, call: Any) -> Handler:
        arguments = (*self.by_position, *self.by_name)
        letters = "".join(_LETTERS.get(each, "?") for each in arguments)
        count = len(self.by_position)
        return Handler(name, function, call, letters, count, self.by_name, arguments, where)

    def bound(self, name: str, where: str, is_async: bool) -> Handler:
        """Of what getattr gives, which is called as it is."""
        if not is_async:
            return self.handler(name, where, None, None)
        return self.before("bound").handler(name, where, None, _run_bound)

    def before(self, name: str) -> _Taken:
        """With one more argument, the first."""
        return self._replace(by_position=(name, *self.by_position))

    @classmethod
    def of_method(cls, function: Any, kind: str, where: str, given: tuple[str, ...]) -> _Taken:
        """Of a plain function. `self` may be absent, or anywhere."""
        parameters = _parameters(function)
        first = parameters[0] if parameters else None
        if first is None or first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
            return cls._match(function, parameters, kind, where, ("self", *given))
        if first.kind is not first.VAR_POSITIONAL and first.name != "self":
            if first.name in given:
                return cls._match(function, parameters, kind, where, ("self", *given))
            import difflib  # for the few whose first argument has another name

            if difflib.get_close_matches(first.name, given, cutoff=0.75):
                raise _no_such(where, first.name, kind, ("self", *given))
        skipped = parameters if first.kind is first.VAR_POSITIONAL else parameters[1:]
        return cls._match(function, skipped, kind, where, given).before("self")

    @classmethod
    def of_bound(
        cls,
        function: Any,
        kind: str,
        where: str,
        given: tuple[str, ...],
        skip: int = 0,
        first: bool = False,
    ) -> _Taken:
        """Of what is called without `self`. skip: so many parameters are filled already.
        first: it wants its first argument by position, as singledispatchmethod does."""
        parameters = _parameters(function)
        if skip and parameters and parameters[0].kind is not inspect.Parameter.VAR_POSITIONAL:
            parameters = parameters[1:]
        taken = cls._match(function, parameters, kind, where, given)
        if first and taken.by_name and not taken.by_position:
            return cls(taken.by_name[:1], taken.by_name[1:])
        return taken

    @classmethod
    def _match(
        cls,
        function: Any,
        parameters: list[inspect.Parameter],
        kind: str,
        where: str,
        given: tuple[str, ...],
    ) -> _Taken:
        unwrapped = inspect.unwrap(function)
        if inspect.isgeneratorfunction(unwrapped) or inspect.isasyncgenfunction(unwrapped):
            raise TypeError(f"handler {where} must return, not yield")
        names = [each.name for each in parameters]
        taken: list[str] = []
        for each in parameters:
            if each.kind is each.VAR_KEYWORD:
                taken += [name for name in given if name not in (*names, *taken, "self")]
            elif each.kind is each.POSITIONAL_ONLY:
                raise TypeError(
                    f"{where}: parameters are matched by name, so "
                    f"{each.name!r} cannot be positional-only"
                )
            elif each.kind is not each.VAR_POSITIONAL and each.name in given:
                taken.append(each.name)
            elif each.kind is not each.VAR_POSITIONAL and each.default is each.empty:
                raise _no_such(where, each.name, kind, given)
        if getattr(function, "__wrapped__", None) is not None and _only_positional(function):
            return cls(tuple(taken), ())
        return cls((), tuple(taken))


def _no_such(where: str, name: str, kind: str, given: tuple[str, ...]) -> TypeError:
    may = ", ".join(given if "self" in given else ("self", *given))
    return TypeError(
        f"{where}: no parameter {name!r}; a @{SHOWN.get(kind, kind)} handler may take {may}"
    )


def _signature(function: Any) -> list[inspect.Parameter]:
    """Its own parameters."""
    options: dict[str, Any] = {"follow_wrapped": False}
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        options["annotation_format"] = Format.STRING
    try:
        return list(inspect.signature(_bare(function), **options).parameters.values())
    except ValueError:  # a function in C that does not tell: it takes what it is given
        return [
            inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL),
            inspect.Parameter("named", inspect.Parameter.VAR_KEYWORD),
        ]


def _bare(function: Any) -> Any:
    """The same without annotations: these may name what is not there yet, and from CPython 3.14 on
    reading them evaluates them, even as text if they are made of parts."""
    if inspect.isfunction(function) and type(function.__code__) is types.CodeType:  # no mock of one
        code, defaults, cells = function.__code__, function.__defaults__, function.__closure__
        bare = types.FunctionType(code, {}, None, defaults, cells)
        bare.__kwdefaults__ = function.__kwdefaults__
        bare.__dict__.update((key, _bare(value)) for key, value in vars(function).items())
        return bare
    if inspect.ismethod(function):
        return types.MethodType(_bare(function.__func__), function.__self__)
    if isinstance(function, (functools.partial, functools.partialmethod)):
        return type(function)(_bare(function.func), *function.args, **function.keywords)
    return function


def _kinds(function: Any) -> set[Any]:
    return {each.kind for each in _signature(function)}


def _only_positional(function: Any) -> bool:
    """A decorator's `def wrapper(*args)`: nothing can be given to it by keyword."""
    kinds = _kinds(function)
    return inspect.Parameter.VAR_POSITIONAL in kinds and inspect.Parameter.VAR_KEYWORD not in kinds


def _parameters(function: Any) -> list[inspect.Parameter]:
    """What it takes: of a decorator's `def wrapper(*args, **kwargs)`, what it is around takes."""
    own = _signature(function)
    inner = getattr(function, "__wrapped__", None)
    kinds = {each.kind for each in own}
    passes = inspect.Parameter.VAR_KEYWORD in kinds or inspect.Parameter.VAR_POSITIONAL in kinds
    if inner is not None and passes and not inspect.ismethod(function):
        return _parameters(inner)
    return own


def blame(error: BaseException, bound: Any) -> None:
    """Has the traceback of an error in what a handler returned end there, as it runs no more."""
    code = getattr(inspect.unwrap(getattr(bound, "func", bound)), "__code__", None)
    if isinstance(code, types.CodeType):
        _frames.end_at(error, code)


def blame_subject(error: BaseException, instance: Any, subject: str) -> None:
    """The same of the handler of a subject. Called by the native part."""
    known = table(type(instance))
    entry = known.receive.get(subject) or known.other
    if entry is not None:
        blame(error, getattr(instance, entry.name, None))


# ---- the table ----------------------------------------------------------------------------------


class Table(NamedTuple):
    """What handles what in a class; the native part knows the places (c_src/actor/handler.h)."""

    receive: dict[str, Handler]
    other: Handler | None
    start: Handler | None
    continues: Handler | None
    info: Handler | None
    idle: Handler | None
    stop: Handler | None
    idle_after: int | None  # milliseconds


# What comes to one of two that had a name in the cluster (lib/rebeam/actor/merge.ex).
GIVE_STATE, TAKE_STATE = "$rebeam.state", "$rebeam.merge"

# What one gives that goes on elsewhere (lib/rebeam/actor/moving.ex).
MOVE = "$rebeam.move"

# The kinds at the places of a table.
_KINDS = ("receive", "receive", "start", "continue", "info", "idle", "stop")


def table(cls: Any, instance: Any = None) -> Table:
    """The class's table, as the class is now. Called by the native part when it has changed, with
    an instance that is to take a message."""
    if instance is not None and _kept.changed is not None:
        _kept.changed(instance)
    known = Known.of(cls)
    version = _native._type_version(cls)  # after the line above, which may change it
    made: Table | None = known.table
    if made is not None and known.version == version != 0:
        return made
    spans.look()
    progress.look()
    made = cls.__rebeam_table__()
    known.table, known.version = made, version
    return made


def make_table(cls: Any) -> Table:
    """The table of an actor that takes messages as they come."""
    found = find(cls)
    one = {kind: one_of(cls, found, kind) for kind in GIVEN}
    idle_after = idle_time(cls) if one["idle"] else None
    receive = {
        subject: handler(cls, kind, attribute)
        for (kind, subject), attribute in found.items()
        if kind == "receive" and subject is not None
    }
    if one["merge"]:
        receive[TAKE_STATE] = one["merge"]
        receive[GIVE_STATE] = refusing(cls, "__rebeam_give_state__")
    elif one["receive"]:
        receive[GIVE_STATE] = refusing(cls)  # which is none of the user's subjects
    receive[MOVE] = refusing(cls, "__rebeam_move__")
    return Table(
        receive,
        one["receive"] or refusing(cls),
        one["start"],
        one["continue"],
        one["info"],
        one["idle"],
        one["stop"],
        idle_after,
    )


def one_of(cls: type, found: dict[Any, Attribute], kind: str) -> Handler | None:
    """The handler of a kind that has no subject."""
    attribute = found.get((kind, None))
    return None if attribute is None else handler(cls, kind, attribute)


def refusing(cls: Any, name: str = "__rebeam_refuse__") -> Handler:
    """A method of ours that takes every subject."""
    attribute = in_class(cls, name)
    assert attribute is not None
    return handler(cls, "receive", attribute)


def describe(bound: Any, place: int, known: Handler) -> Handler:
    """How to call what an instance has in the place of its class's handler. Called by the native
    part."""
    name = known.name
    if known.function is None and not isinstance(bound, _PLAIN):
        return known
    return of_bound(bound, _KINDS[place], name, getattr(bound, "__qualname__", name))


def asynchronous(cls: type) -> str | None:
    """The first handler of the class that is an `async def`, or None."""
    for attribute in find(cls).values():
        if _is_async(attribute.value):
            return f"{attribute.owner.__qualname__}.{attribute.name}"
    return None
