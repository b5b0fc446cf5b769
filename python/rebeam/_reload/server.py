"""In each interpreter of a program: does what the main node asks for when a module is loaded again
(lib/rebeam/code/place.ex). An actor, which lives for as long as that takes."""

from __future__ import annotations

import linecache
import threading
from collections.abc import Callable
from typing import Any

from rebeam import _code_change, _isolation
from rebeam._engine import files, output
from rebeam._engine.user_files import program
from rebeam._genpy import GenPy
from rebeam._marks import receive
from rebeam._native import _instances, response_error
from rebeam._reload import aside, migration, versions

__all__ = ["Server", "loading"]

# The thread that runs a module's new text now.
_loading: int | None = None


def loading() -> bool:
    """Whether the calling code is a new text that is being loaded."""
    return _loading == threading.get_ident()


class Server(GenPy):
    """Prepares a change, makes it, and takes it back."""

    def __init__(self) -> None:
        self._prepared: aside.Prepared | None = None
        self._undo: Callable[[list[migration.Step]], None] | None = None
        self._text = b""
        self._module: Any = None
        self._before: Any = None

    @receive("prepare")
    def prepare(self, message: tuple[str, str, bytes, bytes]) -> tuple[str, list[str], Any]:
        """What there would be to do: (absent, same, refused or ready; what differs; why not, or
        the module's path here)."""
        global _loading
        output.by_line()
        name, path, text, digest = message
        module = versions.find(name, path, digest)
        if module is None:
            return "absent", [], []
        if program.texts[str(module.__file__)] == text:
            return "same", [], []
        _loading = threading.get_ident()
        try:
            prepared = aside.prepare(module, text, versions.number(module))
        finally:
            _loading = None
        if prepared.refused or prepared.plan is None:
            return "refused", [], prepared.refused
        self._prepared, self._module, self._text = prepared, module, text
        return "ready", list(prepared.plan.changed), module.__file__

    @receive("commit")
    def commit(self) -> int:
        """Makes the change. How many actors take it."""
        prepared, module = self._prepared, self._module
        if prepared is None or prepared.change is None or prepared.plan is None:
            return 0
        classes = prepared.change.classes
        number = versions.number(module)
        told = {old: _code_change.version_of(old, number) for old, _ in classes}
        self._before = program.texts[module.__file__], number
        noting = migration.noting(classes, told)
        self._undo = prepared.change.apply([*noting, self._has(self._text)])
        versions.load(module, prepared.codes)
        self._counts(self._text, taken_back=False)
        linecache.checkcache(module.__file__)
        changed = tuple(old for old, _ in classes)
        return sum(isinstance(instance, changed) for instance, _ in _instances())

    @receive("revert")
    def revert(self) -> None:
        """Takes the change back."""
        if self._undo is None:
            return
        undo, self._undo = self._undo, None
        assert self._prepared is not None and self._prepared.change is not None
        text, number = self._before
        undo([*migration.taking_back(self._prepared.change.classes), self._has(text)])
        self._counts(text, taken_back=True)
        versions.go_back(self._module, number)

    def _has(self, text: bytes) -> migration.Step:
        """What notes that the module is of that text."""
        return dict.__setitem__, program.texts, self._module.__file__, text

    def _counts(self, text: bytes, taken_back: bool) -> None:
        """The text that counts from now on, whatever the file holds if one was taken back."""
        path = self._module.__file__
        if taken_back:
            files.kept[path] = text
        elif files.kept.pop(path, None) is None:
            return
        _isolation.tell_again()

    @receive("running")
    def running(self) -> list[tuple[Any, ...]]:
        """The modules' versions, each with what still runs older code of it."""
        return versions.running()

    @receive("find")
    def find(self, message: str) -> Any:
        """Of a module by its name: that, its path, its text in the file now, and the digest of the
        one that was loaded."""
        try:
            return versions.describe(versions.module(message))
        except (ValueError, OSError) as error:
            return response_error(str(error))

    @receive("changed")
    def changed(self) -> list[str]:
        """The modules whose files have changed."""
        return versions.changed()
