"""What functions check of their arguments, before anything is sent."""

from __future__ import annotations

import math
import re
from typing import Any, TypeGuard

from rebeam._native import ProcessID, Target

# What Erlang's timers count, in milliseconds, as `call` has it: longer is for ever.
_LONGEST = 2**32 - 1
_NODE = re.compile(r"[A-Za-z0-9_-]+@[A-Za-z0-9_.:-]+")
_LONGEST_NODE = 255


def to(target: Target, what: str = "target") -> Target:
    """The target as operations take it, in exact types; TypeError if it can be none."""
    if isinstance(target, ProcessID):
        return target
    if isinstance(target, str):
        return text(target, what)
    if isinstance(target, tuple) and len(target) == 2:
        return text(target[0], what), text(target[1], what)
    address: Any = getattr(target, "_rebeam_target", None)
    if type(address) is tuple:
        return address
    raise TypeError(no_target(target, what))


def no_target(target: object, what: str = "target") -> str:
    """Why it is none."""
    if hasattr(target, "__rebeam_kind__"):
        cls = target if isinstance(target, type) else type(target)
        shown = "the class" if cls is target else "an object of"
        return (
            f"{what} is {shown} {cls.__name__}, not the process that runs it: "
            f"supervise it, and give its registered name or its ProcessID"
        )
    return (
        f"{what} must be a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName "
        f"or a Via, not {target!r}"
    )


def text(value: str, what: str) -> str:
    """A str that Erlang can have as text, of exact type."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {value!r}")
    value.encode()  # UnicodeEncodeError: a lone surrogate
    return str.__str__(value)


def node_name(node: str) -> str:
    """What a node is called."""
    name = text(node, "a node")
    if len(name) > _LONGEST_NODE or not _NODE.fullmatch(name):
        raise ValueError(f"a node is called NAME@HOST, not {name!r}")
    return name


def name(value: str, what: str) -> str:
    """The same; TypeError unless it is a str with something in it."""
    if not isinstance(value, str) or not value:
        raise TypeError(f"{what} must be a non-empty str, not {value!r}")
    return text(value, what)


def word(value: object, words: tuple[str, ...]) -> Any:
    """Which of those it is, so that a StrEnum's member is one too; None if it is none of them."""
    return next((each for each in words if isinstance(value, str) and each == value), None)


def one_of(value: object, what: str, words: tuple[str, ...]) -> Any:
    """The same; ValueError if it is none of them."""
    known = word(value, words)
    if known is None:
        raise ValueError(f"{what} must be one of {', '.join(words)}, not {value!r}")
    return known


def name_or_address(value: Any, what: str) -> Any:
    """What a process may be called: a str with something in it, a GlobalName or a Via, or None."""
    if value is None or type(getattr(value, "_rebeam_target", None)) is tuple:
        return value
    if not isinstance(value, str) or not value:
        raise TypeError(f"{what} must be a non-empty str, a GlobalName or a Via, not {value!r}")
    return text(value, what)


def described_name(value: Any) -> Any:
    """The same as Elixir takes it."""
    return getattr(value, "_rebeam_target", value)


def name_or_none(value: str | None, what: str) -> str | None:
    """As `name`, where there need not be one."""
    return None if value is None else name(value, what)


def whole(value: int, what: str, least: int) -> int:
    """The same as an int of exact type; ValueError unless it is a whole number from `least` on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{what} must be a whole number from {least} on, not {value!r}")
    return int.__index__(value)


# ---- times ----------------------------------------------------------------------------


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is an int or a float; a bool is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(seconds: float, what: str) -> float:
    """The same; TypeError that names it if it is none. Other types may be numbers too."""
    known = hasattr(seconds, "__float__") or hasattr(seconds, "__index__")
    if not known or isinstance(seconds, bool):
        raise TypeError(f"{what} must be a number of seconds, not {seconds!r}")
    return seconds


def milliseconds(seconds: float) -> int:
    """Whole ones, rounded up."""
    return math.ceil(seconds * 1000)


def delay(seconds: Any, what: str) -> int:
    """A time above 0 in milliseconds; TypeError or ValueError if it is none. What native numbers
    cannot count is 30 years, for which nobody waits."""
    if not is_number(seconds):
        raise TypeError(f"{what} must be a number of seconds, not {seconds!r}")
    if not 0 < seconds < math.inf:
        raise ValueError(f"{what} must be a number of seconds above 0, not {seconds!r}")
    return milliseconds(min(seconds, 1e9))


def time_limit(seconds: float | None, what: str) -> int | None:
    """A time limit in milliseconds; None is for ever, and so is what no timer can count.

    TypeError if it is no number, ValueError if it is below 0 or not a number (nan).
    """
    if seconds is None:
        return None
    if math.isnan(number(seconds, what)) or seconds < 0:
        raise ValueError(f"{what} must be a non-negative number of seconds, not {seconds!r}")
    return milliseconds(seconds) if seconds * 1000 <= _LONGEST else None
