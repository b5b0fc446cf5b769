"""What modules of the user's have besides what CPython gives them.

A module that says nothing of this runtime is left as under plain `python`, to its `dir()`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_NAMES = ("__local_registry__", "__global_registry__")
_given: dict[str, object] = {}
_define: Callable[[], dict[str, object]] | None = None
_expected: dict[str, dict[str, Any]] = {}


def defined_by(define: Callable[[], dict[str, object]]) -> None:
    """Makes them, by their names, once a module wants them."""
    global _define
    _define = define


def given() -> dict[str, object]:
    """All of them, by their names."""
    if not _given and _define is not None:
        _given.update(_define())
    return _given


def give(namespace: dict[str, Any], source: bytes) -> None:
    """To the namespace of a module, before its code runs."""
    if b"rebeam" in source or any(name.encode() in source for name in _NAMES):
        namespace.update(given())


def expect(name: str, namespace: dict[str, Any]) -> None:
    """The code of that module will run in that namespace, once a loader was asked for it."""
    _expected[name] = namespace


def met(name: str, source: bytes) -> None:
    """A loader was asked for the code of that module, which has that source."""
    namespace = _expected.pop(name, None)
    if namespace is not None:
        give(namespace, source)
