"""Nodes: programs that are connected (lib/rebeam/operation/nodes.ex, lib/rebeam/cluster.ex).

A node is called by its name, "NAME@HOST". All programs of a cluster are connected with each other;
who connects to one of them is soon connected to all. The process units of a program belong to its
node. All functions but `this_node` suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

import re

from rebeam._arguments import delay, text
from rebeam._native import _op

_NAME = re.compile(r"[A-Za-z0-9_-]+@[A-Za-z0-9_.:-]+")
_LONGEST = 255


def this_node() -> str:
    """The name of this program's node, in a process unit too. A program that was given no name has
    one as well, by which nobody finds it. Suspends."""
    name: str = _op("nodes.this")
    return name


def nodes(hidden: bool = False) -> list[str]:
    """The nodes that are connected, sorted; without this one. Suspends.

    hidden: also those that others do not hear of: programs with `--hidden`, process units, and
    commands such as `rebeam remote`.
    """
    names: list[str] = _op("nodes.list", bool(hidden))
    return names


def connect(node: str, timeout: float = 5.0) -> None:
    """Connects to a node, and so to all that it is connected to. Nothing is done if it is.
    Suspends.

    ConnectionError that says why, if that is not possible in `timeout` seconds. RuntimeError if
    this program has no name (`--name`, `--sname`).
    """
    _op("nodes.connect", node_name(node), delay(timeout, "timeout"))


def disconnect(node: str) -> bool:
    """Ends the connection to a node; what was linked or monitored there is told. False if there is
    none. `--cluster` does not connect to it again until somebody calls `connect`; it may itself.
    Suspends."""
    was: bool = _op("nodes.disconnect", node_name(node))
    return was


def monitor_nodes(hidden: bool = False) -> list[str]:
    """Watches nodes from now on: the nodes that are connected until now. Who comes later is
    `NodeUp(node)` in `@info`, who is gone `NodeDown(node, reason)`, in order. To call it again
    changes `hidden`, and nothing comes twice. Suspends.

    RuntimeError where there is no `@info`: in functions, plain threads and the script's body.
    """
    names: list[str] = _op("nodes.monitor", bool(hidden))
    return names


def demonitor_nodes(flush: bool = True) -> bool:
    """Watches no more. False if the calling actor did not. Suspends.

    flush: nothing arrives from now on, also if it has come but is not handled yet.
    """
    did: bool = _op("nodes.demonitor", bool(flush))
    return did


def node_name(node: str) -> str:
    """The name, checked: TypeError or ValueError."""
    name = text(node, "a node")
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise ValueError(f"a node is called NAME@HOST, not {name!r}")
    return name
