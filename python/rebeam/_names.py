"""Names of processes (lib/rebeam/operation/names.ex).

scope: "local", in all of the program, its units included, or "cluster", in all connected nodes.
There one process has a name; nodes that were apart and come with two end one of both.

All functions suspend the actor that calls them; a plain thread waits. ValueError if a name is
taken, TimeoutError if the main node, or for "cluster" one of the nodes, does not answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rebeam import _arguments
from rebeam._native import ProcessID, _op

Scope = Literal["local", "cluster"]


def register(name: str, scope: Scope = "local") -> None:
    """Registers the calling actor under a name, until it ends. ValueError if taken. Suspends."""
    _op("names.register", _name(name), _scope(scope))


def unregister(name: str, scope: Scope = "local") -> None:
    """Gives up a name of the calling actor; nothing if it is not its own. Suspends."""
    _op("names.unregister", _name(name), _scope(scope))


def whereis(name: str, scope: Scope = "local") -> ProcessID | None:
    """The process that is registered under a name, None if there is none. Suspends."""
    pid: ProcessID | None = _op("names.whereis", _name(name), _scope(scope))
    return pid


def registered(scope: Scope = "local") -> list[str]:
    """All names, sorted. Suspends."""
    names: list[str] = _op("names.registered", _scope(scope))
    return names


def register_global(name: str) -> None:
    """`register(name, scope="cluster")`. Suspends."""
    register(name, "cluster")


def whereis_global(name: str) -> ProcessID | None:
    """`whereis(name, scope="cluster")`. Suspends."""
    return whereis(name, "cluster")


class _Names:
    """The names of one scope as they are now: what `__local_registry__` and `__global_registry__`
    are in each module of the user's."""

    def __init__(self, scope: Scope, shown: str) -> None:
        self._scope: Scope = scope
        self._shown = shown

    def find(self, name: str) -> ProcessID | None:
        """The process that has the name."""
        return whereis(name, self._scope)

    def __iter__(self) -> Iterator[str]:
        return iter(registered(self._scope))

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or name == "":
            return False
        try:
            return self.find(name) is not None
        except UnicodeEncodeError:  # a lone surrogate: nobody has such a name
            return False

    def __len__(self) -> int:
        return len(registered(self._scope))

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"<names in the {'program' if self._scope == 'local' else 'cluster'}>"


LOCAL_NAMES = _Names("local", "LOCAL_NAMES")
GLOBAL_NAMES = _Names("cluster", "GLOBAL_NAMES")
MODULE_ATTRIBUTES: dict[str, object] = {
    "__local_registry__": LOCAL_NAMES,
    "__global_registry__": GLOBAL_NAMES,
}
"""What each module of the user's has."""


def _name(name: str) -> str:
    return _arguments.name(name, "a name")


def _scope(scope: str) -> str:
    known: str | None = _arguments.word(scope, ("local", "cluster"))
    if known is None:
        raise ValueError(f"scope must be 'local' or 'cluster', not {scope!r}")
    return known
