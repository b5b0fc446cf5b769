"""The program's own files, in a unit on a worker machine: the main node has them.

Such a unit reads nothing below the folders of the program from its own disk, where there may be
nothing, or something else. It asks the main node (lib/rebeam/units/sources.ex), also where the disk
is the same, and once for each folder and file until the program is taken over again. Packages and
the standard library are the machine's own.
"""

from __future__ import annotations

import _thread
import itertools
import linecache
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
)
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import Any

from rebeam._engine import files, package
from rebeam._native import _op

__all__ = ["begin", "described", "machine", "modules", "path", "search"]

machine: str | None = None
"""The worker machine whose unit this is."""

_STDLIB = os.path.dirname(os.path.abspath(os.__file__))
_INSTALLED = frozenset({"site-packages", "dist-packages", ".venv"})

_folders: tuple[str, ...] = ()
_listed: dict[str, dict[str, str]] = {}
_sent: set[str] = set()


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


# ---- what the main node tells ----------------------------------------------------------


def described(roots: Iterable[str]) -> dict[str, list[str]]:
    """The folders that have the program's files, and what of `sys.path` is in them: before the
    standard library, and behind it."""
    entries = [os.path.abspath(each) for each in sys.path if isinstance(each, str)]
    places = [_is_installed(each) for each in entries]
    first = places.index(True) if True in places else len(places)
    before = [each for each in entries[:first] if each not in entries[first:]]
    behind = [each for each, skip in zip(entries, places, strict=True) if not skip]
    behind = [each for each in behind if each not in before]
    own = [each for each in roots if not _below(package.FOLDER, each)]
    return {
        "folders": [*dict.fromkeys([*own, *before, *behind])],
        "before": before,
        "behind": behind,
    }


def _is_installed(entry: str) -> bool:
    zipped = f"python{sys.version_info[0]}{sys.version_info[1]}.zip"
    return (
        _below(entry, _STDLIB)
        or _below(package.FOLDER, entry)
        or os.path.basename(entry) == zipped
        or not _INSTALLED.isdisjoint(entry.split(os.sep))
    )


# ---- what the unit knows of it ---------------------------------------------------------


def begin(told: dict[str, list[str]], name: str) -> None:
    """This is a unit of the worker machine of that name; what it was sent may have changed."""
    global machine, _folders, _told
    machine, _told = name, told
    _folders = tuple(told["folders"])
    _listed.clear()
    for each in _sent:
        files.kept.pop(each, None)
        linecache.cache.pop(each, None)
    _sent.clear()
    files.far = _Far()


_told: dict[str, list[str]] = {}
_own_path = list(sys.path)


def path() -> list[str]:
    """`sys.path` here: the program's folders, and this machine's packages."""
    own = [each for each in _own_path if each and not _is_ours(each)]
    return [*_told["before"], *own, *_told["behind"]]


def _is_ours(path: str) -> bool:
    folders = (each for each in _folders if _below(path, each))
    return any(_INSTALLED.isdisjoint(path[len(each) :].split(os.sep)) for each in folders)


class _Far(files.Far):
    def has(self, path: str) -> bool:
        return _is_ours(path)

    def exists(self, path: str) -> bool:
        folder, name = os.path.split(path)
        return _list(folder).get(name) == "file"

    def read(self, path: str) -> bytes:
        data: Any = _ask("source", path)
        if isinstance(data, str):
            raise OSError(f"{path}: {data} (on the main node of the program)")
        _sent.add(path)
        # Tracebacks show what it says there.
        lines = data.decode(errors="replace").splitlines(keepends=True)
        linecache.cache[path] = (len(data), None, lines, path)
        return bytes(data)


def _list(folder: str) -> dict[str, str]:
    """What a folder has: each name is a "file" or a "folder"."""
    if folder not in _listed:
        _listed[folder] = dict(_ask("folder", folder))
    return _listed[folder]


def _ask(verb: str, path: str) -> Any:
    """By a thread of its own, as the body of a script may ask the runtime for nothing here."""
    told: list[Any] = []
    over = _thread.allocate_lock()
    over.acquire()

    def ask() -> None:
        try:
            told.append(_op("units." + verb, path))
        except BaseException as error:
            told.append(error)
        finally:
            over.release()

    _thread.start_new_thread(ask, ())
    over.acquire()
    if isinstance(told[0], BaseException):
        raise told[0]
    return told[0]


# ---- imports ---------------------------------------------------------------------------


def search(
    name: str, entries: Sequence[str] | None, target: ModuleType | None
) -> ModuleSpec | None:
    """What `PathFinder.find_spec` finds; in the program's folders, what the main node has."""
    namespace = None
    for ours, group in itertools.groupby(sys.path if entries is None else entries, _is_ours):
        some = list(group)
        spec = _find(name, some) if ours else PathFinder.find_spec(name, some, target)
        if spec is not None and spec.loader is not None:
            return spec
        namespace = namespace or spec
    return namespace


def _find(name: str, entries: Iterable[str]) -> ModuleSpec | None:
    namespace = None
    tail = name.rpartition(".")[2]
    for entry in entries:
        listed, inner = _list(entry), os.path.join(entry, tail)
        if listed.get(tail) == "folder" and _list(inner).get("__init__.py") == "file":
            return _spec(name, os.path.join(inner, "__init__.py"), [inner])
        if listed.get(tail + ".py") == "file":
            return _spec(name, inner + ".py", None)
        for suffix in (*EXTENSION_SUFFIXES, *BYTECODE_SUFFIXES):
            if tail + suffix in listed:
                raise ImportError(
                    f"{inner}{suffix} is a compiled module, which is not sent to the worker "
                    f"machine {machine}: install it there, for {sys.executable}",
                    name=name,
                )
        if namespace is None and listed.get(tail) == "folder":
            namespace = ModuleSpec(name, None, is_package=True)
            namespace.submodule_search_locations = [inner]
    return namespace


def _spec(name: str, path: str, inside: list[str] | None) -> ModuleSpec | None:
    loader = SourceFileLoader(name, path)
    return spec_from_file_location(name, path, loader=loader, submodule_search_locations=inside)


def modules(folder: str) -> Iterator[str]:
    """The modules and packages that a folder of the program has at its top."""
    for entry, kind in _list(folder).items():
        name, ending = os.path.splitext(entry)
        inner = os.path.join(folder, entry)
        package = kind == "folder" and _list(inner).get("__init__.py") == "file"
        if package or (kind == "file" and ending in (".py", ".pyc")):
            yield name
