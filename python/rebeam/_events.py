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


@dataclass(frozen=True, slots=True)
class TableTransfer:
    """The owner of a table ended, and this actor, its heir, is the owner now. name: of the table.
    pid: the owner that ended."""

    name: str
    pid: ProcessID


_EVENTS = {"down": Down, "exit": Exit, "table": TableTransfer}


def make(kind: str, fields: tuple[Any, ...]) -> object:
    """The event that the runtime names (lib/rebeam/actor.ex)."""
    return _EVENTS[kind](*fields)
