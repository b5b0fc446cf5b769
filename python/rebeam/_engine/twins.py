"""Compiles a module a second time, from a rewritten tree: the twins of its functions."""

from __future__ import annotations

import copy
import os
import warnings
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from _rebeam import suspend_rewrite, suspend_scan

if TYPE_CHECKING:
    import ast

__all__ = ["EMPTY", "FORMAT", "MODE", "Compiled", "Key", "Summary", "compile_twins", "key_of"]
__all__ += ["needs_twins", "scan"]

# Raise it when the rewriting or the layout of a cache file changes.
FORMAT = 3
MODE = os.environ.get("REBEAM_SUSPEND", "")
_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST, without importing ast

# What suspend_scan returns: functions, aliases, escapes, imports.
Summary = tuple[
    list[tuple[str | None, bool, list[str]]],
    list[tuple[str, str]],
    list[str],
    list[tuple[str, int, list[str]]],
]
EMPTY: Summary = ([], [], [], [])


class Key(NamedTuple):
    """What the rewriting of one module depends on, besides its source."""

    mode: str
    unknown: bool
    names: tuple[str, ...]


class Compiled(NamedTuple):
    """A module's two codes; both None if nothing in it can suspend."""

    key: Key
    plain: CodeType | None
    twins: CodeType | None


def key_of(summary: Summary, names: frozenset[str], unknown: bool) -> Key:
    """`names` suspend somewhere in the program; `unknown`: so may what is called by no name."""
    called = {callee for _, _, callees in summary[0] for callee in callees}
    return Key(MODE, unknown, tuple(sorted(called & names)))


def needs_twins(summary: Summary, key: Key) -> bool:
    """Whether anything in the module can suspend."""
    if key.mode == "all" or key.names:
        return True
    return key.unknown and any(unknown for _, unknown, _ in summary[0])


def _tree(data: bytes | ast.Module, path: str) -> Any:
    """One that may be rewritten."""
    if isinstance(data, bytes):
        return compile(data, path, "exec", _ONLY_AST, dont_inherit=True)
    return copy.deepcopy(data)


def scan(data: bytes | ast.Module, path: str) -> Summary:
    """The summary of a source; empty if it does not compile, which its import will tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _tree(data, path)
            summary: Summary = suspend_scan(tree)
            return summary
    except (SyntaxError, ValueError, RecursionError):
        return EMPTY


def compile_twins(data: bytes | ast.Module, path: str, key: Key) -> CodeType | None:
    """The asynchronous code of a module that compiles; None if CPython refuses that form."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were given for the plain code
            tree = _tree(data, path)
            suspend_rewrite(tree, frozenset(key.names), key.unknown)
            twins: CodeType = compile(tree, path, "exec", dont_inherit=True)
            return twins
    except (SyntaxError, ValueError, RecursionError):
        if MODE == "all":
            raise
        return None
