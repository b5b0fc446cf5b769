"""What modules of the user's have besides what CPython gives them.

A module that says nothing of this runtime is left as under plain `python`, to its `dir()`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_NAMES = ("__local_registry__", "__global_registry__")
_given: dict[str, object] = {}
_define: Callable[[], dict[str, object]] | None = None
_main: tuple[str, dict[str, Any]] | None = None


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


def await_main(name: str, namespace: dict[str, Any]) -> None:
    """The module of that name, or its `__main__`, will run as the program, in that namespace."""
    global _main
    _main = name, namespace


def met(name: str, source: bytes) -> None:
    """A loader was asked for the code of that module, which has that source."""
    global _main
    if _main is not None and name in (_main[0], _main[0] + ".__main__"):
        give(_main[1], source)
        _main = None
