"""Modules that are loaded again while the program runs (lib/rebeam/operation/code.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

import types
from dataclasses import dataclass

from rebeam._arguments import delay, whole
from rebeam._engine.outside import require
from rebeam._native import ProcessID, _op

__all__ = ["ModuleVersion", "OldCode", "Reloaded", "reload", "versions"]


@dataclass(frozen=True)
class Reloaded:
    """What `reload` came to.

    changed: what differs from before, by qualified name, such as "Counter.add". refused: why
    nothing was changed, a text each; empty if all was. actors: how many actors take it.
    """

    changed: tuple[str, ...]
    refused: tuple[str, ...]
    actors: int


@dataclass(frozen=True)
class OldCode:
    """Code of an earlier version that still runs, or is suspended, and will end as that.

    pid: the actor, if the code is a method of one. function: its qualified name; line: where it is,
    in the text that it is of; version: of the module.
    """

    pid: ProcessID | None
    function: str
    line: int
    version: int


@dataclass(frozen=True)
class ModuleVersion:
    """A module of the program's own. version: how often it was loaded, so 1 for the first; the one
    before if `reload` took it back. old: what still runs another one."""

    module: str
    version: int
    old: tuple[OldCode, ...]


def reload(
    module: types.ModuleType | str, *, max_crashes: int | None = None, max_seconds: float = 5.0
) -> Reloaded:
    """Loads the source file of a module again, which is given as it is, by name, or by the path of
    that file, and changes what it defined in place, in all of the program at once: its
    interpreters, its units, and connected nodes that have loaded the same.

    Classes, functions and Enum members stay the objects that they are, with the new code and
    attributes; instances keep their state, and take the new code with their next message. A global
    or a class attribute keeps its value unless its own statement, or one whose value it uses,
    reads otherwise. What cannot be done (a syntax error, an exception, changed bases or
    `__slots__`, a @code_change that fails) is in `refused`: then nothing is changed anywhere.

    max_crashes: if more crashes than that have the module in their tracebacks in the `max_seconds`
    after it, all is taken back, and logged. TypeError, ValueError or OSError for what is no module
    of the program's with a source file. Suspends.
    """
    require("reload")
    from rebeam._reload import server, versions  # for programs that do

    found = versions.module(module)
    limit = None if max_crashes is None else whole(max_crashes, "max_crashes", 0)
    time = delay(max_seconds, "max_seconds")
    if server.loading():
        raise RuntimeError("reload was called by a module that is being loaded again")
    changed, refused, actors = _op("code.reload", *versions.describe(found), limit, time)
    return Reloaded(tuple(changed), tuple(refused), actors)


def versions() -> list[ModuleVersion]:
    """The modules of the program's own, in all its units, by name: which version of each counts,
    and who still runs another one. Suspends."""
    return [
        ModuleVersion(name, version, tuple(OldCode(*each) for each in old))
        for name, version, old in _op("code.versions")
    ]
