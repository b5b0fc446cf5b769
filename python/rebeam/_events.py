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
class Joined:
    """A process is a member of a group that this actor monitors. ref: of monitor_group()."""

    ref: Reference
    group: str
    pid: ProcessID


@dataclass(frozen=True, slots=True)
class Left:
    """A process is no member any more: it left, ended, or its node is out of reach."""

    ref: Reference
    group: str
    pid: ProcessID


@dataclass(frozen=True, slots=True)
class NodeUp:
    """A node is connected. node: its name. For actors that called monitor_nodes()."""

    node: str


@dataclass(frozen=True, slots=True)
class NodeDown:
    """A node is connected no more: it ended, is out of reach, or one side wanted that. node: its
    name. reason: OTP's word for it: "connection_closed", "disconnect", "net_tick_timeout" ..."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """A subscription of this actor's was ended, as a message found its queue full: it was made with
    when_full="stop". topic: what was subscribed to. What is published from now on does not come;
    what others were publishing at that moment may."""

    topic: str


@dataclass(frozen=True, slots=True)
class TableTransfer:
    """The owner of a table ended, and this actor, its heir, is the owner now. name: of the table.
    pid: the owner that ended."""

    name: str
    pid: ProcessID


_EVENTS = {
    "down": Down,
    "exit": Exit,
    "joined": Joined,
    "left": Left,
    "node_down": NodeDown,
    "node_up": NodeUp,
    "table": TableTransfer,
    "unsubscribed": Unsubscribed,
}


def make(kind: str, fields: tuple[Any, ...]) -> object:
    """The event that the runtime names (lib/rebeam/actor.ex)."""
    return _EVENTS[kind](*fields)
