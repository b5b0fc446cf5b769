"""Clusters for tests (lib/rebeam/operation/testing.ex): `rebeam.testing` has the words for them.

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from rebeam._agent import NAME, PROGRAM
from rebeam._arguments import whole
from rebeam._child import Child, Item, as_child
from rebeam._engine import outside
from rebeam._native import ProcessID, _op, call

_T = TypeVar("_T")

_running: list[Cluster] = []
"""The clusters that nobody ended, the newest last."""


class Node:
    """One node of a cluster: a program in an OS process of its own. Made by `cluster`.

    As text it is the node's name, with which `(name, node)` is a target.
    """

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        self.name = name
        """The node's name, "n1@127.0.0.1"."""

    def run(
        self, function: Callable[..., _T], *args: Any, timeout: float = 30.0, **named: Any
    ) -> _T:
        """Calls a function on the node, in a process of its own there, and returns what it returns.

        The function and its arguments are sent: a function that can be imported there, as the test
        can here. RuntimeError with the traceback if it raises, or the node does not answer within
        `timeout` seconds.
        """
        value: _T = self._ask("run", (function, args, named), timeout)
        return value

    def start(
        self, item: Item | Child, name: str | None = None, timeout: float = 30.0
    ) -> ProcessID:
        """`run_register_process(item, name)` on the node: starts and supervises it there.

        item: an actor, its class, a function, or a `child` of one: what it is made from is sent.
        """
        pid: ProcessID = self._ask("start", (as_child(item), name), timeout)
        return pid

    def _ask(self, subject: str, message: Any, timeout: float) -> Any:
        __tracebackhide__ = True
        status, value = call((NAME, self.name), subject, message, timeout)
        if not status:
            raise RuntimeError(f"{self.name}: {value or status}")
        return value

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<node {self.name}>"


class Cluster(Sequence[Node]):
    """The nodes that `cluster` started, in a `with` block or until the end of the test."""

    def __init__(self, pid: ProcessID, names: list[str]) -> None:
        self._pid = pid
        self._nodes = [Node(self, name) for name in names]
        self._in_block = False
        _running.append(self)

    def __getitem__(self, index: Any) -> Any:
        return self._nodes[index]

    def __len__(self) -> int:
        return len(self._nodes)

    def __enter__(self) -> Cluster:
        self._in_block = True
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends all nodes, by force."""
        if self in _running:
            _running.remove(self)
            _op("testing.stop", self._pid)

    def _ask(self, verb: str, *arguments: Any) -> None:
        if self not in _running:
            raise RuntimeError("the cluster has ended")
        _op(f"testing.{verb}", self._pid, *arguments)

    def __repr__(self) -> str:
        return f"<cluster of {', '.join(map(str, self._nodes))}>"


def cluster(
    nodes: int,
    program: str | os.PathLike[str] | None = None,
    args: Sequence[str] = (),
    options: Sequence[str] = (),
    env: dict[str, str] | None = None,
) -> Cluster:
    """Starts nodes on this machine and connects them; gives them as a sequence.

    program: the script that each runs, as `rebeam [options] program [args]` would; None: one that
    waits for `Node.start` and `Node.run`. Modules are found there as here. env: more variables for
    them. Each node is an OS process; what it prints goes where the test's own output does. The
    nodes end with the test (with pytest; otherwise by `end_supervised`), at the end of a `with`
    block of the cluster, and with the test's program, whatever ends that.

    RuntimeError if one does not start, or if the test itself runs as a node with a name.
    Suspends.
    """
    outside.require("cluster", "run the tests with `rebeam -m pytest`")
    count = whole(nodes, "nodes", 1)
    target = ["-c", PROGRAM] if program is None else [os.fspath(program)]
    path = os.pathsep.join(os.path.abspath(each) for each in sys.path if isinstance(each, str))
    variables = {"PYTHONPATH": path, **(env or {})}
    arguments = [*map(str, options), *target, *map(str, args)]
    started = _op("testing.start", count, arguments, list(variables.items()), os.getcwd())
    return Cluster(*started)


Some = Node | Iterable[Node]


def partition(a: Some, b: Some, one_way: bool = False, closed: bool = False) -> None:
    """Splits the network between two nodes, or between each of some and each of others.

    What they send is held back, as by a network that loses every packet: both ends learn of it
    when their patience is over, and what was under way arrives after a `heal` before that.
    one_way: what `a` sends does not arrive at `b`, while the other way is open. closed: the
    connections are broken at once, and none is made. Suspends.
    """
    for one, other in _pairs(a, b):
        _way(one, other, "closed" if closed else "held")
        if not one_way:
            _way(other, one, "closed" if closed else "held")


def delay(a: Some, b: Some, seconds: float) -> None:
    """From now on all that these nodes send each other takes that much longer: 0 is no longer.
    Suspends."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
        raise ValueError(f"delay takes seconds, not {seconds!r}")
    for one, other in _pairs(a, b):
        _way(one, other, round(seconds * 1000))
        _way(other, one, round(seconds * 1000))


def heal(*clusters: Cluster) -> None:
    """Ends all splits and delays of these clusters, by default of all that run. Nodes that run
    meet again. Suspends."""
    for each in clusters or tuple(_running):
        for one, other in itertools.permutations(each, 2):
            _way(one, other, 0)
        each._ask("meet")


def kill(*nodes: Node) -> None:
    """Kills nodes as a power failure would (SIGKILL), and waits until they have ended. Suspends."""
    for each in nodes:
        each._cluster._ask("kill", each.name)


def restart(*nodes: Node) -> None:
    """Starts nodes again that were killed, under their names, and waits until they are up.
    Suspends."""
    for each in nodes:
        each._cluster._ask("restart", each.name)


def freeze(*nodes: Node) -> None:
    """Stops the OS processes of nodes where they are (SIGSTOP), until `thaw`. Suspends."""
    for each in nodes:
        each._cluster._ask("freeze", each.name, True)


def thaw(*nodes: Node) -> None:
    """Has frozen nodes go on. Suspends."""
    for each in nodes:
        each._cluster._ask("freeze", each.name, False)


def end_clusters() -> None:
    """Ends all clusters but those of a `with` block, the newest first."""
    for each in reversed(_running[:]):
        if not each._in_block:
            each.end()


def _pairs(a: Some, b: Some) -> list[tuple[Node, Node]]:
    pairs = [(one, other) for one in _nodes(a) for other in _nodes(b)]
    for one, other in pairs:
        if one is other or one._cluster is not other._cluster:
            raise ValueError(f"{one} and {other} are not two nodes of one cluster")
    return pairs


def _nodes(some: Some) -> list[Node]:
    nodes = [some] if isinstance(some, Node) else list(some)
    for each in nodes:
        if not isinstance(each, Node):
            raise TypeError(f"a node of a cluster is wanted, not {each!r}")
    return nodes


def _way(one: Node, other: Node, way: str | int) -> None:
    one._cluster._ask("way", one.name, other.name, way)
