"""Names of processes (lib/rebeam/operation/names.ex).

scope: "local", in all of the program, its units included, or "cluster", in all nodes of it.

All functions suspend the actor that calls them; a plain thread waits. TimeoutError if the main
node, or for "cluster" enough of the nodes, do not answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rebeam import _arguments
from rebeam._addresses import Split, split_of
from rebeam._native import ProcessID, _op

Scope = Literal["local", "cluster"]


def register(name: str, scope: Scope = "local", split: Split | None = None) -> None:
    """Registers the calling actor under a name, until it ends. ValueError if it is taken. Suspends.

    split: what becomes of a name in the cluster while that is split. "majority" (the default): the
    part with more than half of the nodes has it; a holder in another part ends, and there
    registering is a RuntimeError. "both": each part may have a holder. "keep-old": it stays where
    it is, and no part that knew of it has another one. When the parts meet, one holder is kept, of
    "both" and "keep-old" the older one, and gets the state of the others by its `@merge`.
    """
    known = _scope(scope)
    if split is not None and known != "cluster":
        raise ValueError(f"split is for names in the cluster, not for scope={scope!r}")
    _op("names.register", _name(name), known, split_of(split))


def unregister(name: str, scope: Scope = "local") -> None:
    """Gives up a name of the calling actor; nothing if it is not its own. Suspends."""
    _op("names.unregister", _name(name), _scope(scope))


def fence(name: str | None = None) -> int:
    """The number with which the calling actor holds its name in the cluster.

    It is greater than that of each holder before, and grows when another part's holder is merged:
    who stores what the actor says refuses what comes with a smaller one than it has seen. name:
    which one, of several. LookupError if it holds none, or not any more. Suspends.
    """
    number: int = _op("names.fence", None if name is None else _name(name))
    return number


def whereis(name: str, scope: Scope = "local") -> ProcessID | None:
    """The process that is registered under a name, None if there is none. Suspends."""
    pid: ProcessID | None = _op("names.whereis", _name(name), _scope(scope))
    return pid


def registered(scope: Scope = "local") -> list[str]:
    """All names, sorted. Suspends."""
    names: list[str] = _op("names.registered", _scope(scope))
    return names


def register_global(name: str, split: Split | None = None) -> None:
    """`register(name, scope="cluster")`. Suspends."""
    register(name, "cluster", split)


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
