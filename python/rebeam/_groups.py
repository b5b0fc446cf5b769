"""Groups of processes, over all connected nodes (lib/rebeam/operation/groups.ex).

A group is its name, any str; it exists while it has members. All functions suspend the actor that
calls them; a plain thread waits.
"""

from __future__ import annotations

from typing import Any

from rebeam import _native
from rebeam._arguments import text
from rebeam._native import ProcessID, _op


def join(group: str) -> None:
    """The calling actor joins; joining twice is as once. It leaves by itself when it ends.
    RuntimeError in a thread that runs no actor."""
    _op("groups.join", _name(group))


def leave(group: str) -> bool:
    """The calling actor leaves. False if it was not in the group."""
    left: bool = _op("groups.leave", _name(group))
    return left


def members(group: str) -> list[ProcessID]:
    """The members on all connected nodes, each once."""
    pids: list[ProcessID] = _op("groups.members", _name(group))
    return pids


def local_members(group: str) -> list[ProcessID]:
    """The members on this node, each once."""
    pids: list[ProcessID] = _op("groups.local_members", _name(group))
    return pids


def broadcast(group: str, subject: str, message: Any = None) -> int:
    """Casts a message to every member, the calling actor too if it is one. Returns their number.
    TypeError if the message cannot be sent."""
    packed = _native.packed(message, "message")
    sent: int = _op("groups.broadcast", _name(group), text(subject, "subject"), packed)
    return sent


def _name(group: str) -> str:
    return text(group, "a group's name")
