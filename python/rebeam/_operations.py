"""The primitives that are one question to the runtime each (lib/rebeam/operation.ex).

All suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from typing import Any

from _rebeam import ProcessID, _op
from rebeam._supervisor import Child, Item, child, claim, describe_child


def register(name: str) -> None:
    """Registers the calling actor under a local name. ValueError if it is taken."""
    _op("register", _name(name))


def unregister(name: str) -> None:
    """Gives up a local name of the calling actor."""
    _op("unregister", _name(name))


def whereis(name: str) -> ProcessID | None:
    """The process that is registered under a local name."""
    pid: ProcessID | None = _op("whereis", _name(name))
    return pid


def registered() -> list[str]:
    """All local names, sorted."""
    names: list[str] = _op("registered")
    return names


def self_pid() -> ProcessID:
    """The calling actor's own id."""
    pid: ProcessID = _op("self_pid")
    return pid


def send(target: ProcessID | str, value: Any) -> bool:
    """Sends a plain message, as natural Erlang terms. False if the name does not exist."""
    sent: bool = _op("send", target, value)
    return sent


def run_register_process(item: Item | Child, name: str | None = None) -> ProcessID:
    """Starts an item right now, supervised until the program ends. RuntimeError with the
    child's traceback if it does not start."""
    each = item if isinstance(item, Child) else child(item)
    if name is not None:
        each.options["name"] = name
    claim(each.item)
    objects: list[object] = []
    described = describe_child(each, objects, set())
    pid: ProcessID = _op("start_process", described, objects=objects)
    return pid


def collect() -> None:
    """Has every process collect its garbage, so that `rebeam_info` counts what is in use."""
    _op("collect")


def rebeam_info() -> dict[str, int]:
    """Counts of actors, suspended, blocked waits, handles, executor threads and jobs."""
    counts: dict[str, int] = _op("info")
    return counts


def _name(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise TypeError(f"a name is a non-empty str, not {name!r}")
    return name
