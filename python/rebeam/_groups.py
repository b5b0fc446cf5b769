"""Groups of processes, over all connected nodes (lib/rebeam/operation/groups.ex).

A group is its name, any str; it exists while it has members. All functions suspend the actor that
calls them; a plain thread waits.
"""

from __future__ import annotations

from typing import Any

from rebeam import _native
from rebeam._arguments import text
from rebeam._native import ProcessID, Reference, _op


def join(group: str) -> None:
    """The calling actor joins; joining twice is as once. It leaves by itself when it ends.
    RuntimeError in a thread that runs no actor. Suspends."""
    _op("groups.join", _name(group))


def leave(group: str) -> bool:
    """The calling actor leaves. False if it was not in the group. Suspends."""
    left: bool = _op("groups.leave", _name(group))
    return left


def members(group: str) -> list[ProcessID]:
    """The members on all connected nodes, each once. Suspends."""
    pids: list[ProcessID] = _op("groups.members", _name(group))
    return pids


def local_members(group: str) -> list[ProcessID]:
    """The members on this node, each once. Suspends."""
    pids: list[ProcessID] = _op("groups.local_members", _name(group))
    return pids


def broadcast(group: str, subject: str, message: Any = None) -> int:
    """Casts a message to every member, the calling actor too if it is one. Returns their number.
    TypeError if the message cannot be sent. Suspends."""
    packed = _native.packed(message, "message")
    sent: int = _op("groups.broadcast", _name(group), text(subject, "subject"), packed)
    return sent


def monitor_group(group: str) -> tuple[Reference, list[ProcessID]]:
    """Watches a group from now on: (the monitor, the members until now). Who joins comes to `@info`
    as `Joined(ref, group, pid)`, who is a member no more as `Left(ref, group, pid)`, each once and
    in order; so members and events together say who is in it at any time.

    RuntimeError where there is no `@info`: in functions, plain threads and the script's body.
    Suspends.
    """
    both: tuple[Reference, list[ProcessID]] = _op("groups.monitor", _name(group))
    return both


def demonitor_group(ref: Reference, flush: bool = True) -> bool:
    """Takes a monitor of a group back. False if it is none of the calling actor's.

    flush: no event of it arrives from now on, also if one has come but is not handled yet.
    Suspends.
    """
    if not isinstance(ref, Reference):
        raise TypeError(f"a monitor is the Reference that monitor_group() gave, not {ref!r}")
    found: bool = _op("groups.demonitor", ref, bool(flush))
    return found


def _name(group: str) -> str:
    return text(group, "a group's name")
