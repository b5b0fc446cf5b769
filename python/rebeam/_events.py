"""What `@info` gets besides plain messages of Erlang processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rebeam._native import ProcessID, Reference


@dataclass(frozen=True, slots=True)
class Down:
    """A monitored process ended. reason: a str, the Python traceback if it raised. pid: None for a
    name that nobody had."""

    ref: Reference
    pid: ProcessID | None
    reason: str


@dataclass(frozen=True, slots=True)
class Exit:
    """A linked process ended, and this actor traps exits. reason: as for Down."""

    pid: ProcessID
    reason: str


_EVENTS = {"down": Down, "exit": Exit}


def make(kind: str, fields: tuple[Any, ...]) -> object:
    """The event that the runtime names (lib/rebeam/actor.ex)."""
    return _EVENTS[kind](*fields)
