"""This package's own modules, compiled: in one file for each Python, in the user's cache folder.

To read, scan and compile some sixty files takes longer than all else of a start does. The file
counts as long as the sources have the sizes and times that it names. Where there is none, and none
can be written, each module is compiled when it is imported.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, source_hash, spec_from_file_location
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from _rebeam import suspend_names, suspend_pair
from rebeam._engine import cache, twins
from rebeam._engine.twins import Summary

__all__ = ["FOLDER", "install", "summaries"]

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""Of this package."""
_BELOW = "rebeam."


class _Module(NamedTuple):
    """`codes`, marshalled: the plain code, and that of the twins or None."""

    summary: Summary
    codes: bytes | None


_modules: dict[str, _Module] = {}


def summaries() -> list[Summary]:
    """What can suspend in this package, a module each."""
    if not _modules:
        _modules.update(_read() or _write())
    return [each.summary for each in _modules.values()]


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        module = _modules[path]
        plain, other = marshal.loads(module.codes or _compile(path, module.summary))
        code: CodeType = plain if other is None else suspend_pair(plain, other)
        return code


class _Finder:
    """Finds the modules of this package."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_BELOW):
            return None
        stem = os.path.join(FOLDER, *fullname[len(_BELOW) :].split("."))
        for file in (stem + ".py", os.path.join(stem, "__init__.py")):
            if file in _modules:
                return spec_from_file_location(fullname, file, loader=_Loader(fullname, file))
        return None

    @staticmethod
    def invalidate_caches() -> None:
        """There are none."""


def install() -> None:
    """The modules of this package that are imported from now on suspend."""
    summaries()
    place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
    sys.meta_path.insert(place, _Finder)


# ---- compiling -----------------------------------------------------------------------------------


def _scan() -> dict[str, _Module]:
    return {path: _Module(twins.scan(_content(path), path), None) for path in _paths()}


def _compile(path: str, summary: Summary) -> bytes:
    names, _ = suspend_names([each.summary for each in _modules.values()])
    # The package calls functions that are handed to it.
    key = twins.key_of(summary, names, True)
    data = _content(path)
    plain = compile(data, path, "exec", dont_inherit=True)
    other = twins.compile_twins(data, path, key) if twins.needs_twins(summary, key) else None
    return marshal.dumps((plain, other))


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _paths() -> list[str]:
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(FOLDER)
        for name in names
        if name.endswith(".py")
    )


# ---- the file ------------------------------------------------------------------------------------


def _cache() -> str | None:
    """The path of the file; None where the user has no folder for such files."""
    folder, home = os.environ.get("XDG_CACHE_HOME", ""), os.environ.get("HOME", "")
    if not folder.startswith("/"):
        folder = os.path.join(home, ".cache")
    if not folder.startswith("/"):
        return None
    sort = (twins.FORMAT, twins.MODE, MAGIC_NUMBER, sys.flags.optimize, FOLDER)
    return os.path.join(folder, "rebeam", "modules", source_hash(repr(sort).encode()).hex())


def _stamps() -> list[tuple[str, int, int]]:
    stamps = []
    for path in _paths():
        stat = os.stat(path)
        stamps.append((path, stat.st_size, stat.st_mtime_ns))
    return stamps


def _read() -> dict[str, _Module] | None:
    name = _cache()
    if name is None:
        return None
    found: Any = cache.content(name, own=True)
    if found is None or found[0] != _stamps():
        return None
    return {path: _Module(*each) for path, each in found[1].items()}


def _write() -> dict[str, _Module]:
    """Makes the file anew, where that can be done."""
    modules = _scan()
    name = _cache()
    if name is None or not _is_writable(os.path.dirname(name)):
        return modules
    stamps = _stamps()
    _modules.update(modules)
    for path, module in modules.items():
        modules[path] = module._replace(codes=_compile(path, module.summary))
    kept = {path: tuple(each) for path, each in modules.items()}
    cache.replace(name, marshal.dumps((stamps, kept)))
    return modules


def _is_writable(folder: str) -> bool:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
