"""What the handlers of a state machine return: what becomes of the state, the event and
the timeouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from rebeam import _arguments
from rebeam._arguments import time_limit

# (state_timeout, timeout or event_timeout; its name, if any; milliseconds, -1 for ever)
Timeout = tuple[str, str, int]


class Transition:
    """Made by `next_state`, `keep_state`, `repeat_state` and `postpone`. It means something
    only as what a handler of a GenStateMachine returns."""

    __slots__ = ("postponed", "response", "state", "timeouts", "verb")

    def __init__(
        self,
        verb: str,
        state: str | None,
        response: Any,
        postponed: bool,
        timeouts: list[Timeout],
    ) -> None:
        self.verb = verb
        self.state = state
        self.response = response
        self.postponed = postponed
        self.timeouts = timeouts

    def __repr__(self) -> str:
        if self.postponed and self.state is None:
            return "postpone()"
        arguments = [each for each in (self.state, self.response) if each is not None]
        return f"{self.verb}_state({', '.join(map(repr, arguments))})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle {self!r}: only a GenStateMachine's handler returns it")


def next_state(
    state: str,
    response: Any = None,
    timeout: float | None = None,
    *,
    timeouts: Mapping[str, float | None] | None = None,
    event_timeout: float | None = None,
    postpone: bool = False,
) -> Transition:
    """Goes to another state: its @enter runs, the state timeout ends, and what was postponed is
    tried again. To the state that it is in already, it is `keep_state`. Does not suspend.

    response: for who called, or is the sender of the cast; a plain x means response_ok(x).
    timeout: seconds until the @timeout of the new state, unless the state changes before.
    timeouts: by name, seconds until @timeout(name=...), whatever the state; None cancels it.
    event_timeout: seconds until @timeout(event=True), unless any event comes before.
    postpone: the event is tried again in the new state, whose handler then answers it.
    math.inf seconds are never: this cancels. A timeout that is set again starts afresh.

    TypeError or ValueError for what is no state or no time. A state that the class does not
    have, or a timeout that it does not handle, is a ValueError that ends the machine.
    """
    check_name(state, "a state")
    return _transition("next", state, response, timeout, timeouts, event_timeout, postpone)


def keep_state(
    response: Any = None,
    timeout: float | None = None,
    *,
    timeouts: Mapping[str, float | None] | None = None,
    event_timeout: float | None = None,
) -> Transition:
    """Stays in the state, whose timeout goes on, or starts afresh with a new `timeout`.
    The parameters are those of `next_state`. Does not suspend."""
    return _transition("keep", None, response, timeout, timeouts, event_timeout)


def repeat_state(
    response: Any = None,
    timeout: float | None = None,
    *,
    timeouts: Mapping[str, float | None] | None = None,
    event_timeout: float | None = None,
) -> Transition:
    """As `keep_state`, but @enter runs again. Does not suspend."""
    return _transition("repeat", None, response, timeout, timeouts, event_timeout)


def postpone() -> Transition:
    """Stays in the state. The event is tried again when the state has changed, before all
    events that came after it. Does not suspend."""
    return _transition("keep", None, None, None, None, None, True)


def _transition(
    verb: str,
    state: str | None,
    response: Any,
    timeout: float | None,
    timeouts: Mapping[str, float | None] | None,
    event_timeout: float | None,
    postponed: bool = False,
) -> Transition:
    if postponed and response is not None:
        raise ValueError("a postponed event is answered when it is tried again: give no response")
    set_now: list[Timeout] = []
    if timeout is not None:
        set_now.append(("state_timeout", "", _time(timeout, "timeout")))
    if event_timeout is not None:
        set_now.append(("event_timeout", "", _time(event_timeout, "event_timeout")))
    for name, seconds in _items(timeouts):
        check_name(name, "the name of a timeout")
        set_now.append(("timeout", name, _time(seconds, f"timeouts[{name!r}]")))
    return Transition(verb, state, response, bool(postponed), set_now)


def _items(timeouts: Any) -> list[tuple[Any, Any]]:
    if timeouts is None:
        return []
    if not isinstance(timeouts, Mapping):
        raise TypeError(f"timeouts is a dict of names and seconds, not {timeouts!r}")
    return list(timeouts.items())


def _time(seconds: float | None, what: str) -> int:
    limit = time_limit(seconds, what)
    return -1 if limit is None else limit


def check_name(name: Any, what: str) -> None:
    """TypeError or ValueError unless it can name a state or a timeout."""
    if not _arguments.name(name, what).isprintable():
        raise ValueError(f"{what} must be printable, unlike {name!r}")
