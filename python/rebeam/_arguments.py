"""What the functions that send messages check of their arguments, before anything is sent."""

from __future__ import annotations

import math

from rebeam._native import ProcessID

Target = ProcessID | str | tuple[str, str]

# What Erlang's timers can count, as `call` has it: longer is for ever.
_LONGEST = 4294967.295


def to(target: Target, what: str = "target") -> Target:
    """The target, in exact types; TypeError if it can be none."""
    if isinstance(target, ProcessID):
        return target
    if isinstance(target, str):
        return text(target, what)
    if isinstance(target, tuple) and len(target) == 2:
        return text(target[0], what), text(target[1], what)
    raise TypeError(
        f"{what} must be a ProcessID, a registered name (str) or a (name, node) tuple, "
        f"not {target!r}"
    )


def text(value: str, what: str) -> str:
    """A str that Erlang can have as text, of exact type."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {value!r}")
    value.encode()  # UnicodeEncodeError: a lone surrogate
    return str.__str__(value)


def number(seconds: float, what: str) -> float:
    """The same; TypeError that names it if it is none."""
    if not hasattr(seconds, "__float__") and not hasattr(seconds, "__index__"):
        raise TypeError(f"{what} must be a number of seconds, not {seconds!r}")
    return seconds


def time_limit(seconds: float | None, what: str) -> int | None:
    """A time limit in milliseconds; None is for ever."""
    if seconds is None:
        return None
    if math.isnan(number(seconds, what)) or seconds < 0:
        raise ValueError(f"{what} must be a non-negative number of seconds, not {seconds!r}")
    return math.ceil(seconds * 1000) if seconds <= _LONGEST else None
