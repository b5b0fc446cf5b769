"""Actors that go on elsewhere while the program runs (lib/rebeam/operation/moves.ex)."""

from __future__ import annotations

from typing import Any

from rebeam._arguments import node_name
from rebeam._native import ProcessID, _op

__all__ = ["move"]


def move(target: Any, node: str) -> ProcessID:
    """Moves an actor to the program of another node, between two of its messages: the actor as it
    is, with what waits for it. Returns its process there. Suspends until it is there.

    target: its process or its name. node: a node of the cluster, which runs the same script (or has
    the modules of the class). There it is in the same kind of place as here: the main interpreter,
    or a unit (`isolation`). An actor that moves itself goes after the handler that says so, and is
    not waited for.

    The process that it had goes on for as long as its node does, and stands for it: it keeps name,
    links, monitors and supervisor, hands on in order what comes to it, and ends when the actor
    ends, for that reason. A restart begins anew where the supervisor is. Neither @stop nor @start
    runs; `__getstate__` and `__setstate__` do.

    ValueError for a node that is not connected; LookupError if there is no such process.
    RuntimeError that says why where an actor cannot go: then nothing has changed, and it goes on
    where it is. That is so for state that cannot be packed (the attribute is named), tasks of
    asyncio that are not done, a class that the other node does not have, functions and supervisors.
    """
    pid: ProcessID = _op("moves.move", target, node_name(node))
    return pid
