"""Local names of processes (lib/rebeam/operation/names.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from rebeam import _arguments
from rebeam._native import ProcessID, _op


def register(name: str) -> None:
    """Registers the calling actor under a local name. ValueError if it is taken."""
    _op("names.register", _name(name))


def unregister(name: str) -> None:
    """Gives up a local name of the calling actor."""
    _op("names.unregister", _name(name))


def whereis(name: str) -> ProcessID | None:
    """The process that is registered under a local name."""
    pid: ProcessID | None = _op("names.whereis", _name(name))
    return pid


def registered() -> list[str]:
    """All local names, sorted."""
    names: list[str] = _op("names.registered")
    return names


def _name(name: str) -> str:
    return _arguments.name(name, "a name")
