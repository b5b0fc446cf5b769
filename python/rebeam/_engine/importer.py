"""Loads a user's Python files so that their functions can be suspended.

Every function keeps the code object that CPython compiles for it. Besides, each module is compiled
a second time from a rewritten tree, and ``_rebeam.suspend_pair`` ties the functions of the second
to those of the first: their *twins*. Nothing in the module's namespace shows it. An ``async def``
needs no twin: its rewritten code takes the place of the plain one.

Which calls of a module may suspend depends on the names that suspend anywhere in the program, so
import statements are followed over the user's files before any of them runs. What is imported in
other ways is added when it comes; functions loaded earlier then still work, but hold a thread where
they wait.

User files are those below a *root*: the script's folder, and this package itself. Installed
packages and the standard library are left to the standard machinery.
"""

from __future__ import annotations

import _imp
import _thread
import contextlib
import marshal
import os
import sys
import sysconfig
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source, source_from_cache, source_hash
from types import CodeType, ModuleType
from typing import NamedTuple
from zipimport import zipimporter

from _rebeam import suspend_names, suspend_pair, suspend_rewrite, suspend_scan
from rebeam._engine import files, scripts
from rebeam._engine.changes import CHANGES, ChangingLoader
from rebeam._engine.sources import compile_script

__all__ = ["Loader", "install", "is_compiled", "load_script"]

# Raise it when the rewriting or the layout of a cache file changes.
_FORMAT = 2
_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST, without importing ast
_MODE = os.environ.get("REBEAM_SUSPEND", "")
# As it is now: detectors of blocking calls put their own into os.path, and a program that passes
# under python would fail where an import inside an event loop comes here.
_abspath = os.path.abspath
_OWN = os.path.dirname(os.path.dirname(_abspath(__file__)))
_STDLIB = sysconfig.get_path("stdlib")
_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv"})

# What suspend_scan returns: functions, aliases, escapes, imports.
_Summary = tuple[
    list[tuple[str | None, bool, list[str]]],
    list[tuple[str, str]],
    list[str],
    list[tuple[str, int, list[str]]],
]
_EMPTY: _Summary = ([], [], [], [])


class _Key(NamedTuple):
    """What the rewriting of one module depends on, besides its source."""

    mode: str
    unknown: bool
    names: tuple[str, ...]


class _Compiled(NamedTuple):
    """A module's two codes; both None if nothing in it can suspend."""

    key: _Key
    plain: CodeType | None
    twins: CodeType | None


class _Source(NamedTuple):
    """One version of a user's file, as far as it has been read."""

    digest: bytes
    summary: _Summary
    compiled: _Compiled | None

    def key(self, names: frozenset[str], unknown: bool) -> _Key:
        called = {callee for _, _, callees in self.summary[0] for callee in callees}
        return _Key(_MODE, unknown, tuple(sorted(called & names)))


# ---- cache files ---------------------------------------------------------------------------------


def _cache_path(path: str) -> str | None:
    """``dir/__pycache__/name.rebeam-2.cpython-311.pyc`` for ``dir/name.py``; None for none."""
    try:
        folder, name = os.path.split(cache_from_source(path))
    except (NotImplementedError, ValueError):
        return None
    stem = os.path.splitext(os.path.basename(path))[0]
    return os.path.join(folder, f"{stem}.rebeam-{_FORMAT}{name[len(stem) :]}")


def _cache_read(path: str, digest: bytes) -> _Source | None:
    """The cached form of exactly this source; None if there is none, or it is damaged."""
    name = _cache_path(path)
    if name is None:
        return None
    try:
        with open(name, "rb") as file:
            content = file.read()
        if content[:8] != source_hash(content[8:]):
            return None
        magic, cached_digest, summary, key, plain, twins = marshal.loads(content[8:])
    except (OSError, EOFError, ValueError, TypeError):
        return None
    if magic != MAGIC_NUMBER or cached_digest != digest:
        return None
    for code in (plain, twins):
        if code is not None:
            _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]
    return _Source(digest, summary, _Compiled(_Key(*key), plain, twins))


def _cache_write(path: str, source: _Source) -> None:
    """Replaces the cache file at once, or leaves it as it is."""
    name = _cache_path(path)
    if name is None or sys.dont_write_bytecode or source.compiled is None:
        return
    key, plain, twins = source.compiled
    payload = marshal.dumps((MAGIC_NUMBER, source.digest, source.summary, tuple(key), plain, twins))
    temporary = f"{name}.{os.getpid()}-{_thread.get_ident()}"
    try:
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(source_hash(payload) + payload)
        os.replace(temporary, name)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


# ---- compiling -----------------------------------------------------------------------------------


def _scan(data: bytes, path: str) -> _Summary:
    """The summary of a source; empty if it does not compile, which its import will tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(data, path, "exec", _ONLY_AST, dont_inherit=True)
            summary: _Summary = suspend_scan(tree)
            return summary
    except (SyntaxError, ValueError, RecursionError):
        return _EMPTY


def _compile_twins(data: bytes, path: str, key: _Key) -> CodeType | None:
    """The asynchronous code of a module that compiles; None if CPython refuses that form."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were given for the plain code
            tree = compile(data, path, "exec", _ONLY_AST, dont_inherit=True)
            suspend_rewrite(tree, frozenset(key.names), key.unknown)
            twins: CodeType = compile(tree, path, "exec", dont_inherit=True)
            return twins
    except (SyntaxError, ValueError, RecursionError):
        if _MODE == "all":
            raise
        return None


def _needs_twins(summary: _Summary, key: _Key) -> bool:
    if key.mode == "all" or key.names:
        return True
    return key.unknown and any(unknown for _, unknown, _ in summary[0])


# ---- the user's files ----------------------------------------------------------------------------


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


class _Program:
    """The user's files that have been met, and what can suspend in them."""

    def __init__(self) -> None:
        self.roots: list[str] = []
        self._lock = _thread.RLock()
        self._sources: dict[str, _Source] = {}
        self._names: tuple[frozenset[str], bool] | None = None

    def is_user_file(self, path: str) -> bool:
        path = _abspath(path)
        return _below(path, _OWN) or any(self._is_below_root(path, root) for root in self.roots)

    def _is_below_root(self, path: str, root: str) -> bool:
        if not _below(path, root):
            return False
        for foreign in (_STDLIB, sys.prefix):
            if _below(path, foreign) and not _below(root, foreign):
                return False
        return _FOREIGN.isdisjoint(path[len(root) :].split(os.sep))

    def follow(self, path: str, data: bytes) -> _Source:
        """Takes in a file, and all user files that it imports."""
        with self._lock:
            source = self._take(path, data)
            waiting = list(self._imported(path, source))
            while waiting:
                found = waiting.pop()
                if found not in self._sources:
                    try:
                        content = files.read(found)
                    except OSError:
                        continue
                    waiting.extend(self._imported(found, self._take(found, content)))
            return source

    def _take(self, path: str, data: bytes) -> _Source:
        digest = source_hash(data)
        known = self._sources.get(path)
        if known is not None and known.digest == digest:
            return known
        source = _cache_read(path, digest) or _Source(digest, _scan(data, path), None)
        self._sources[path] = source
        self._names = None
        return source

    def key(self, path: str, source: _Source) -> _Key:
        """What `source` is to be compiled for."""
        with self._lock:
            if self._names is None:
                self._names = suspend_names([each.summary for each in self._sources.values()])
            names, unknown = self._names
            # This package calls functions that are handed to it.
            return source.key(names, unknown or _below(path, _OWN))

    def keep(self, path: str, source: _Source) -> None:
        with self._lock:
            self._sources[path] = source

    def _imported(self, path: str, source: _Source) -> Iterator[str]:
        for module, level, names in source.summary[3]:
            for folder in self._folders(path, level):
                yield from self._module_files(folder, module.split(".") if module else [], names)

    def _folders(self, path: str, level: int) -> list[str]:
        """Where an import statement of `path` looks."""
        if level == 0:
            inside = [entry for entry in sys.path if entry and self.is_user_file(entry)]
            # Its own folder first, where several scripts have one.
            return [*sorted(self.roots, key=lambda root: not _below(path, root)), *inside]
        folder = os.path.dirname(path)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        return [folder]

    def _module_files(
        self, folder: str, module: Sequence[str], names: Sequence[str]
    ) -> Iterator[str]:
        for part in module:
            folder = os.path.join(folder, part)
            yield from self._files(folder)
        for name in names:
            yield from self._files(os.path.join(folder, name))

    def _files(self, stem: str) -> Iterator[str]:
        for path in (os.path.join(stem, "__init__.py"), stem + ".py"):
            if files.exists(path) and self.is_user_file(path):
                yield path
                return


_program = _Program()


# ---- import --------------------------------------------------------------------------------------


class Loader(SourceFileLoader):
    """The standard loader, with twins tied to what it compiles."""

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        data = self.get_data(path)
        source = _program.follow(path, data)
        key = _program.key(path, source)
        if not _needs_twins(source.summary, key):
            return super().get_code(fullname)
        if source.compiled is None:
            source = _cache_read(path, source.digest) or source
        compiled = source.compiled
        if compiled is None or compiled.plain is None or compiled.key != key:
            plain: CodeType = self.source_to_code(data, path)
            compiled = _Compiled(key, plain, _compile_twins(data, path, key))
            _cache_write(path, source._replace(compiled=compiled))
        # A module that is loaded again gets code objects of its own.
        _program.keep(path, source._replace(compiled=None))
        if compiled.plain is not None and compiled.twins is not None:
            return suspend_pair(compiled.plain, compiled.twins)
        return compiled.plain


class ArchiveLoader(zipimporter):
    """The standard loader of zip archives, with twins tied to the one module that it loads, which
    has `name` in its archive."""

    def __init__(self, place: str, name: str) -> None:
        super().__init__(place)
        self._name = name

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = super().get_code(self._name)
        path = self.get_filename(fullname)
        found = (path, files.read(path)) if path.endswith(".py") else _source_of(code, path)
        return code if found is None else _with_twins(code, found[1], found[0])

    def get_filename(self, fullname: str) -> str:
        return super().get_filename(self._name)

    def get_source(self, fullname: str) -> str | None:
        return super().get_source(self._name)

    def is_package(self, fullname: str) -> bool:
        return super().is_package(self._name)


def _find(
    fullname: str, path: Sequence[str] | None, target: ModuleType | None
) -> tuple[ModuleSpec | None, str]:
    """With what it is called where it is found."""
    place = scripts.place(fullname) if path is None else None
    if place is None:
        return PathFinder.find_spec(fullname, path, target), fullname
    folder, name = place
    spec = PathFinder.find_spec(name, [folder], target)
    if spec is not None:
        spec.name = fullname
    return spec, name


class _Finder:
    """Finds what `PathFinder` finds, and gives user files their loader."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec, name = _find(fullname, path, target)
        if spec is None:
            return None
        if type(spec.loader) is SourceFileLoader:
            origin = spec.loader.path
            if _program.is_user_file(origin):
                spec.loader = Loader(fullname, origin)
            elif fullname in CHANGES:
                spec.loader = ChangingLoader(fullname, origin)
        elif isinstance(spec.loader, zipimporter):
            place = os.path.join(spec.loader.archive, spec.loader.prefix)
            if _program.is_user_file(place):
                spec.loader = ArchiveLoader(place, name)
        return spec

    @staticmethod
    def invalidate_caches() -> None:
        """`PathFinder` is asked too; there is nothing here."""


# An import that fails shows no frames of importlib in its traceback: CPython cuts them out by
# their file name, and what does importlib's work counts as part of it.
for _each in (_find, _Finder.find_spec, Loader.get_code, ArchiveLoader.get_code):
    _each.__code__ = _each.__code__.replace(
        co_filename=SourceFileLoader.get_code.__code__.co_filename
    )


def install(roots: Iterable[str] = ()) -> None:
    """Makes functions suspendable in modules below `roots` that are imported from now on.

    May be called again to add roots. Modules that were imported before stay as they are.
    """
    for root in roots:
        root = os.path.abspath(root)
        if root not in _program.roots:
            _program.roots.append(root)
    if _Finder in sys.meta_path:
        return
    place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
    sys.meta_path.insert(place, _Finder)
    for folder, _, names in os.walk(_OWN):
        for name in names:
            if name.endswith(".py"):
                own = os.path.join(folder, name)
                with open(own, "rb") as file:
                    _program.follow(own, file.read())


def roots() -> list[str]:
    """The folders whose modules' functions suspend."""
    return list(_program.roots)


def load_script(
    path: str, change: Callable[[bytes], bytes] | None = None, data: bytes | None = None
) -> CodeType:
    """The code of a script, to be run as ``__main__``, so that its functions can be suspended.
    `change` may change its source, not its lines; `data` is what the file holds, if it was read.

    The script's folder should be a root already. Raises what ``python path`` would report:
    `OSError`, or `SyntaxError` and others from the compiler, or of a damaged ``.pyc`` file.
    """
    data = files.read(path) if data is None else data
    if is_compiled(path, data):
        plain = _compiled_code(data)
        found = _source_of(plain, path)
        if found is None:
            return plain
        path, data = found
    else:
        plain = compile_script(data, path)
    if change is not None:
        data = change(data)
        plain = compile(data, plain.co_filename, "exec", dont_inherit=True)
    return _with_twins(plain, data, path)


def _with_twins(plain: CodeType, data: bytes, path: str) -> CodeType:
    """The code of a source, which is in that file."""
    source = _program.follow(path, data)
    key = _program.key(path, source)
    if not _needs_twins(source.summary, key):
        return plain
    twins = _compile_twins(data, plain.co_filename, key)
    return plain if twins is None else suspend_pair(plain, twins)


# ---- compiled files ------------------------------------------------------------------------------


def is_compiled(path: str, data: bytes) -> bool:
    """Whether python takes a script for a ``.pyc``."""
    return path.endswith(".pyc") or (path != files.STDIN and data[:2] == MAGIC_NUMBER[:2])


def _compiled_code(data: bytes) -> CodeType:
    if data[:4] != MAGIC_NUMBER:
        raise RuntimeError("Bad magic number in .pyc file")
    try:
        code = marshal.loads(data[16:])
    except (EOFError, ValueError, TypeError):
        code = None
    if not isinstance(code, CodeType):
        raise RuntimeError("Bad code object in .pyc file")
    return code


def _source_of(code: CodeType, path: str) -> tuple[str, bytes] | None:
    """The source that compiled code was made from, and its path, if that is still there."""
    for name in _source_names(code, path):
        with contextlib.suppress(OSError, ValueError, SyntaxError):
            data = files.read(name)
            if compile(data, code.co_filename, "exec", dont_inherit=True) == code:
                return name, data
    return None


def _source_names(code: CodeType, path: str) -> Iterator[str]:
    if path.endswith(".pyc"):
        with contextlib.suppress(NotImplementedError, ValueError):
            yield source_from_cache(path)
        yield path[:-1]
    yield _abspath(code.co_filename)
