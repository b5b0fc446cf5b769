"""The user's files that have been met, and what can suspend in them."""

from __future__ import annotations

import _thread
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import source_hash

from _rebeam import suspend_names
from rebeam._engine import cache, files, package
from rebeam._engine.cache import Source
from rebeam._engine.twins import Key, Summary, key_of, scan

__all__ = ["program"]

# As it is now: detectors of blocking calls put their own into os.path, and a program that passes
# under python would fail where an import inside an event loop comes here.
_abspath = os.path.abspath
_STDLIB = os.path.dirname(_abspath(os.__file__))
_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv"})


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


class _Program:
    """The user's files that have been met, and what can suspend in them."""

    def __init__(self) -> None:
        self.roots: list[str] = []
        self._lock = _thread.RLock()
        self._sources: dict[str, Source] = {}
        self._names: tuple[frozenset[str], bool] | None = None
        self.texts: dict[str, bytes] = {}  # of what was loaded, by the file's path

    def is_user_file(self, path: str) -> bool:
        path = _abspath(path)
        return any(self._is_below_root(path, root) for root in self.roots)

    def _is_below_root(self, path: str, root: str) -> bool:
        if not _below(path, root):
            return False
        for foreign in (_STDLIB, sys.prefix):
            if _below(path, foreign) and not _below(root, foreign):
                return False
        return _FOREIGN.isdisjoint(path[len(root) :].split(os.sep))

    def follow(self, path: str, data: bytes) -> Source:
        """Takes in a file, and all user files that it imports."""
        with self._lock:
            source = self._take(path, data)
            self._follow(path, source)
            return source

    def follow_typed(self, summary: Summary) -> Source:
        """The same of a statement that was typed."""
        with self._lock:
            path = f"<typed-{len(self._sources)}>"
            source = self._sources[path] = Source(b"", summary, None)
            self._names = None
            self._follow(path, source)
            return source

    def _follow(self, path: str, source: Source) -> None:
        waiting = list(self._imported(path, source))
        while waiting:
            found = waiting.pop()
            if found not in self._sources:
                try:
                    content = files.read(found)
                except OSError:
                    continue
                waiting.extend(self._imported(found, self._take(found, content)))

    def _take(self, path: str, data: bytes) -> Source:
        digest = source_hash(data)
        known = self._sources.get(path)
        if known is not None and known.digest == digest:
            return known
        source = cache.read(path, digest) or Source(digest, scan(data, path), None)
        self._sources[path] = source
        self._names = None
        return source

    def key(self, source: Source) -> Key:
        """What `source` is to be compiled for."""
        with self._lock:
            if self._names is None:
                users = [each.summary for each in self._sources.values()]
                self._names = suspend_names([*package.summaries(), *users])
            return key_of(source.summary, *self._names)

    def keep(self, path: str, source: Source) -> None:
        with self._lock:
            self._sources[path] = source

    def root(self, path: str) -> str:
        """The innermost root that a user file is below; "" if it is none that was read."""
        if path not in self._sources:
            return ""
        below = [root for root in self.roots if self._is_below_root(path, root)]
        return max(below, key=len, default="")

    def has_changed(self, path: str) -> bool:
        """Whether a file that was read is another one by now."""
        try:
            return source_hash(files.read(path)) != self._sources[path].digest
        except OSError:
            return True

    def _imported(self, path: str, source: Source) -> Iterator[str]:
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


program = _Program()
