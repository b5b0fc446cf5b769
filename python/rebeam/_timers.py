"""Messages that are sent later (lib/rebeam/operation/timers.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

import math
from typing import Any

from rebeam import _native
from rebeam._arguments import milliseconds, number, text, to
from rebeam._native import Reference, Target, _op

# Erlang counts to some centuries; a longer time is surely a mistake.
_LONGEST = 100 * 365 * 86_400.0
_SHORTEST = 0.001


def send_after(seconds: float, target: Target, subject: str, message: Any = None) -> Reference:
    """Casts a message once, after that time. Returns what `cancel_timer` takes.

    target: a ProcessID, whose end ends the timer; a name, or (name, node), which is looked up when
    the time is over: if nobody has it then, the message is dropped. The timer is nobody's: it
    fires even if the calling actor has ended. The message is packed now: TypeError if it cannot be
    sent, ValueError if `seconds` is negative or not finite. Suspends for an instant.
    """
    wait = milliseconds(_duration(seconds, 0.0))
    packed = _native.packed(message, "message")
    timer: Reference = _op("timers.send_after", wait, to(target), text(subject, "subject"), packed)
    return timer


def send_interval(seconds: float, target: Target, subject: str, message: Any = None) -> Reference:
    """Casts a message again and again: first after `seconds`, at least 0.001, then at each multiple
    of them since now, without drift. Returns what `cancel_timer` takes.

    It goes on until it is cancelled, or the calling actor (or function under supervision) ends, or
    the process of a ProcessID `target`. What the script's body starts is the program's, and
    so is what a thread without an actor starts. Errors and targets as for `send_after`. Suspends
    for an instant.
    """
    period = round(_duration(seconds, _SHORTEST) * 1_000_000)
    packed = _native.packed(message, "message")
    timer: Reference = _op(
        "timers.send_interval", period, to(target), text(subject, "subject"), packed
    )
    return timer


def cancel_timer(timer: Reference) -> float | None:
    """Ends what `send_after` or `send_interval` returned, from any process.

    Returns the seconds that were left (of an interval: until its next message), or None if it is
    over, cancelled or unknown. A message that was sent already stays sent. Suspends for an instant.
    """
    if not isinstance(timer, Reference):
        raise TypeError(f"a timer is a Reference, not {timer!r}")
    left: float | None = _op("timers.cancel", timer)
    return left


def _duration(seconds: float, least: float) -> float:
    if not (math.isfinite(number(seconds, "seconds")) and least <= seconds <= _LONGEST):
        raise ValueError(f"seconds must be a number from {least} to {_LONGEST}, not {seconds!r}")
    return seconds
