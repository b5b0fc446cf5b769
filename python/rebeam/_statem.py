"""State machines: the GenStateMachine class and the decorators that name its handlers.

The process is OTP's own `gen_statem` (lib/rebeam/state_machine.ex). It keeps the state, the
timers and what is postponed; for each event it asks `_dispatch` here, which finds the handler
and turns what that returns (rebeam._transition) into plain data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, NoReturn

from rebeam import _events, _handlers, _kept, _luggage, _marks
from rebeam._genpy import GenPy
from rebeam._handlers import Handler
from rebeam._marks import F, mark, with_parentheses
from rebeam._native import Packed, Response, packed, response_error
from rebeam._transition import Transition, check_name, keep_state

Names = str | tuple[str, ...]

# The decorators of a class, and what their handlers are given besides `self`.
_GIVEN = {
    "start": (),
    "event": ("message", "source", "subject", "status", "current"),
    "timeout": ("name", "current"),
    "enter": ("previous", "current"),
    "info": ("message", "current"),
    "stop": ("reason",),
    "code_change": ("old_version",),
}


# ---- decorators ------------------------------------------------------------------------


class _Key(NamedTuple):
    """What a handler is for. kind: event, enter, state_timeout, timeout or event_timeout;
    what: the subject or the name; None: any."""

    kind: str
    what: str | None
    state: str | None

    def __repr__(self) -> str:
        """As it is written in the decorator."""
        if self.kind == "enter":
            return "" if self.state is None else repr(self.state)
        parts = {"timeout": [f"name={self.what!r}"], "event_timeout": ["event=True"]}.get(
            self.kind, []
        )
        if self.kind == "event" and self.what is not None:
            parts = [repr(self.what)]
        if self.state is not None:
            parts = [*parts, f"state={self.state!r}"]
        return ", ".join(parts)


@with_parentheses('@event("subject"), or @event() for all others')
def event(subject: Names | None = None, *, state: Names | None = None) -> Callable[[F], F]:
    """Marks the handler of calls and casts with a subject, in a state; each a str or a tuple
    of them. Without a subject: of all that no other handler takes in that state. Without a
    state: in every state. The subject counts before the state.

    Parameters are matched by name, any of: self, message, source (who called, or a
    cast's `sender_pid`, or None), subject, status (of a cast that answers one of ours), current
    (the state), **kwargs.
    Returns a Transition (`next_state`, `keep_state`, `repeat_state`, `postpone`), or a response:
    then the state stays.
    """
    subjects, states = _names(subject, "event", "subject"), _names(state, "event", "state")
    return _all("event", [_Key("event", a, b) for a in subjects for b in states])


@with_parentheses("@timeout()")
def timeout(
    *, state: Names | None = None, name: str | None = None, event: bool = False
) -> Callable[[F], F]:
    """Marks the handler of the state timeout; with `name`, of the timeout of that name; with
    `event`, of the event timeout. In the state or states given, else in every state.

    Parameters are matched by name, any of: self, name, current (the state), **kwargs.
    Returns a Transition; anything else keeps the state.
    """
    if event and name is not None:
        raise TypeError("@timeout takes a name or event=True, not both")
    if name is not None:
        check_name(name, "the name of a timeout")
    kind = "event_timeout" if event else "state_timeout" if name is None else "timeout"
    states = _names(state, "timeout", "state")
    return _all("timeout", [_Key(kind, name, each) for each in states])


@with_parentheses("@enter()")
def enter(*states: str) -> Callable[[F], F]:
    """Marks what runs when the machine comes to one of these states from another, and when it
    starts in it; without a state, in every one that has no @enter of its own.

    Parameters are matched by name, any of: self, previous (the state before; None at the
    start), current, **kwargs. Returns None, or `keep_state` with timeouts alone.
    """
    return _all("enter", [_Key("enter", None, a) for a in _names(states or None, "enter", "state")])


def _all(decorator: str, keys: list[_Key]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for key in keys:
            mark(decorator, key)(function)
        return function

    return decorate


def _names(given: Any, decorator: str, what: str) -> tuple[str | None, ...]:
    """One name, several or none, as a tuple."""
    if given is None:
        return (None,)
    names: tuple[str, ...] = given if isinstance(given, tuple) else (given,)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(
                f"@{decorator} takes a {what} as a str or a tuple of them, not {name!r}; "
                f"without one, write @{decorator}()"
            )
        if what == "state":
            check_name(name, "a state")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"@{decorator}: no {what}, or one twice, in {names!r}")
    return names


# ---- what is known of a class -------------------------------------------------------------


class _Machine:
    """The handlers and the states of one class."""

    def __init__(self, cls: type[GenStateMachine]) -> None:
        self.name = cls.__qualname__
        self.handlers: dict[_Key, Handler] = {}
        self.info: Handler | None = None
        for (decorator, key), attribute in _marks.find(cls).items():
            handler = _handlers.handler(cls, decorator, attribute, _GIVEN[decorator])
            if isinstance(key, _Key):
                self.handlers[key] = handler
            elif decorator == "info":
                self.info = handler
        self.enters = any(key.kind == "enter" for key in self.handlers)
        self.closed = bool(cls.states)
        self.states = self._all_states(cls.states)

    def _all_states(self, declared: Any) -> frozenset[str]:
        if isinstance(declared, str):
            raise TypeError(f"{self.name}.states is a tuple of str, not {declared!r}")
        for state in declared:
            check_name(state, "a state")
        named = frozenset(key.state for key in self.handlers if key.state is not None)
        if declared and not named <= set(declared):
            unknown = _list(named - set(declared))
            raise TypeError(
                f"{self.name} has handlers for states that are not in `states`: {unknown}"
            )
        return frozenset(declared or named)

    def find(self, work: str, what: str | None, state: str) -> Handler | None:
        """The handler of a piece of work, the most particular one."""
        if work == "info":
            return self.info
        kind = "event" if work in _EVENTS else work
        what = what if kind in ("event", "timeout") else None
        for key in (_Key(kind, what, state), _Key(kind, what, None)):
            if key in self.handlers:
                return self.handlers[key]
        return self.find(work, None, state) if kind == "event" and what is not None else None

    def takes(self, state: str) -> str:
        """The subjects that the state takes, for people."""
        keys = [key for key in self.handlers if key.kind == "event" and key.state in (None, state)]
        return _list({key.what for key in keys if key.what is not None}) or "none"

    def initial(self, instance: GenStateMachine) -> str:
        """The state to start in, checked."""
        where = f"{self.name}.initial_state"
        state: str | None = getattr(instance, "initial_state", None)
        if state is None:
            raise ValueError(f"{where} is missing: a str, in the class or set by __init__")
        check_name(state, where)
        self.check(state, where, state)
        return state

    def check(self, state: str, where: str, initial: str) -> None:
        """ValueError for a state that the class does not have."""
        known = self.states if self.closed else self.states | {initial}
        if state not in known:
            hint = "" if self.closed else "; one that no handler names has to be in `states`"
            raise ValueError(
                f"{where}: {self.name} has no state {state!r} (it has: {_list(known)}){hint}"
            )

    def check_timeout(self, where: str, which: str, name: str, state: str) -> None:
        """ValueError for a timeout that nothing handles. One with a name may end in any state."""
        if which == "timeout":
            handled = any(key.kind == which and key.what == name for key in self.handlers)
        else:
            handled = self.find(which, None, state) is not None
        if not handled:
            key = _Key(which, name, None if which == "timeout" else state)
            raise ValueError(f"{where} sets a timeout, but {self.name} has no @timeout({key!r})")


def _machine(cls: type[GenStateMachine]) -> _Machine:
    """What is known of the class as it is now."""
    table = _handlers.table(cls)
    known = _marks.Known.of(cls)
    if known.machine is not None and known.machine[0] is table:
        machine: _Machine = known.machine[1]
        return machine
    made = _Machine(cls)
    known.machine = (table, made)
    return made


def _list(names: Any) -> str:
    return ", ".join(sorted(map(repr, names)))


# ---- events -----------------------------------------------------------------------------------

# The kinds of work that are messages; "unsigned" is a cast without a sender, "answer" one that
# answers a cast of ours.
_EVENTS = ("call", "cast", "unsigned", "answer")

# What `_dispatch` answers, for lib/rebeam/state_machine/step.ex: (verb, next state or None,
# (status, packed response) or None, whether to postpone, timeouts)
_Step = tuple[str, str | None, tuple[str, Packed] | None, bool, list[tuple[str, str, int]]]


def _dispatch(self: GenStateMachine, message: Any, source: Any, subject: str, status: Any) -> Any:
    """Does one piece of work. `subject` says which: "\\0work\\0state\\0subject or name"."""
    _, work, state, what = subject.split("\0", 3)
    machine = _machine(type(self))
    if work == "initial":
        return machine.initial(self), machine.enters
    if work == "arrived":  # from another node
        return self.state, machine.enters
    _kept.of(self).current = state
    if work == "move":
        return _luggage.given(self)
    if work == "info" and what:
        message = _events.make(what, message)
    handler = machine.find(work, what, state)
    if handler is None:
        return _unhandled(machine, work, what, state)
    bound = getattr(self, handler.name)
    if not handler.is_of(bound, self):
        kind = "event" if work in _EVENTS else "timeout" if "timeout" in work else work
        handler = _handlers.of_bound(bound, kind, handler.name, handler.where, _GIVEN[kind])
    given = {
        "self": getattr(bound, "__self__", self),
        "bound": bound,
        "message": message,
        "source": None if work == "unsigned" else source,
        "subject": what,
        "status": status,
        "current": state,
        "previous": message,
        "name": what or None,
    }
    values = [given[name] for name in handler.arguments[: handler.positional]]
    # By this name it is called suspendably, whatever it is (c_src/suspend/walker/names.c).
    call = bound if handler.call is None else handler.call
    result = call(*values, **{name: given[name] for name in handler.names})
    try:
        return _step(self, work, state, handler.where, result)
    except (TypeError, ValueError) as error:
        _handlers.blame(error.with_traceback(None), bound)
        raise


def _unhandled(machine: _Machine, work: str, what: str, state: str) -> _Step:
    """The sender is told, or else the log; entering a state needs no handler, nor do messages
    of other processes."""
    if work in ("enter", "info"):
        return "keep", None, None, False, []
    text = f"{machine.name} has no @timeout for it"
    if work in _EVENTS:
        takes = machine.takes(state)
        text = f"{machine.name} takes no {what!r} in state {state!r} (it takes: {takes})"
    return "keep", None, _response(response_error(text)), False, []


def _step(self: GenStateMachine, work: str, state: str, where: str, result: Any) -> _Step:
    """What the handler `where` returned, as plain data."""
    machine = _machine(type(self))
    if work == "enter":
        _check_enter(where, result)
    if not isinstance(result, Transition):
        result = keep_state(result)
    if result.state is not None:
        machine.check(result.state, where, machine.initial(self))
    for which, name, time in result.timeouts:
        if time >= 0:
            machine.check_timeout(where, which, name, result.state or state)
    # To others nobody listens, but for the log, which takes errors. A Response that is neither
    # ok nor error answers nothing now.
    heard = ("ok", "error") if work in ("call", "cast") else ("error",)
    answers = not result.postponed and _status(result.response) in heard
    reply = _response(result.response) if answers else None
    return result.verb, result.state, reply, result.postponed, result.timeouts


def _check_enter(where: str, result: Any) -> None:
    if result is None:
        return
    keeps = isinstance(result, Transition) and result.verb == "keep" and not result.postponed
    if not keeps or result.response is not None:
        raise TypeError(
            f"{where}: an @enter handler returns None, or keep_state(...) with timeouts alone, "
            f"not {result!r}"
        )


def _status(response: Any) -> str:
    return str(response.status) if isinstance(response, Response) else "ok"


def _response(response: Any) -> tuple[str, Packed]:
    value = response.value if isinstance(response, Response) else response
    return _status(response), packed(value, "response")


# ---- the class ----------------------------------------------------------------------------------


class GenStateMachine(GenPy):
    """An actor that does what its state says: OTP's `gen_statem`.

    One instance is one process, which handles one event at a time, also while its handler
    waits. `initial_state`, set by the class, `__init__` or `@start`, is the state that it
    starts in. Its states are those that its handlers and `initial_state` name; if it has
    `states`, those are all, and a handler for any other is a TypeError. `@start`, `@info` and
    `@stop` are as in GenPy, but what `@info` returns may change the state. There are no
    `@idle`, `@start(continues=True)`, mailbox_limit and hibernate_after. A restart makes a fresh
    object, in its initial state.
    """

    initial_state: str
    states: ClassVar[tuple[str, ...]] = ()

    __rebeam_kind__: ClassVar[str] = "statem"

    @classmethod
    def __rebeam_check__(cls) -> None:
        _marks.check(cls, tuple(_GIVEN))
        _Machine(cls)

    @classmethod
    def __rebeam_table__(cls) -> _handlers.Table:
        found = _marks.find(cls)
        return _handlers.Table(
            receive={},
            other=_handlers.refusing(cls, "__rebeam_dispatch__"),
            start=_handlers.one_of(cls, found, "start"),
            continues=None,
            info=None,
            idle=None,
            stop=_handlers.one_of(cls, found, "stop"),
            idle_after=None,
        )

    __rebeam_dispatch__ = _dispatch

    @property  # type: ignore[override]
    def state(self) -> str:
        """The current state; before the first event, the initial one."""
        kept = _kept.find(self)
        return (kept and kept.current) or self.initial_state

    @state.setter
    def state(self, value: object) -> NoReturn:
        raise AttributeError(
            "a handler changes the state by what it returns: return next_state(...)"
        )
