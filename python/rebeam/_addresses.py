"""Addresses: what stands for a process wherever a target is wanted, besides a ProcessID, a name
and a (name, node) tuple. Each is looked up when it is used.

To the runtime an address is its `_rebeam_target` (lib/rebeam/names.ex); what was looked up lately,
native code finds by its `_rebeam_token` (c_src/primitive/arguments.c).
"""

from __future__ import annotations

import sys
from typing import Any, Literal

from rebeam import _arguments
from rebeam._keys import form_and_key

# (name, node, kind of keys, partitions): a registry, see lib/rebeam/registry/access.ex.
Place = tuple[str, str | None, str | None, int | None]


class _Address:
    __slots__ = ("_parts", "_rebeam_target")
    _parts: tuple[Any, ...]
    _rebeam_target: tuple[Any, ...]

    def __reduce__(self) -> Any:
        return type(self), self._parts

    def __eq__(self, other: object) -> Any:
        return self._parts == other._parts if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._parts))})"


Split = Literal["majority", "both", "keep-old"]


def split_of(split: Split | None) -> Split:
    """What becomes of a name while the cluster is split. ValueError for another word."""
    if split is None:
        return "majority"
    known: Any = _arguments.word(split, ("majority", "both", "keep-old"))
    if known is None:
        raise ValueError(f"split must be 'majority', 'both' or 'keep-old', not {split!r}")
    return known  # type: ignore[no-any-return]


class GlobalName(_Address):
    """GlobalName(name): the process that has the name in the cluster, on whatever node.

    A target of every function that takes one, and a child's name:
    `child(item, name=GlobalName("x"))`. split: there, as `register` has it.
    """

    __slots__ = ()

    def __init__(self, name: str, split: Split | None = None) -> None:
        text = _text(name, "a global name")
        said = None if split is None else split_of(split)
        self._parts = (text,) if said is None else (text, said)
        self._rebeam_target = ("global", text, said)

    @property
    def name(self) -> str:
        """The name."""
        known: str = self._parts[0]
        return known

    @property
    def split(self) -> Split | None:
        """What becomes of the name while the cluster is split; None where it was not said."""
        known: Split | None = self._rebeam_target[2]
        return known


class Via(_Address):
    """Via(registry, key): the process that is registered under the key.

    registry: a Registry, its name, or (its name, node). One with unique keys: else ValueError,
    when it is used. A target of every function that takes one, and a child's name:
    `child(item, name=Via("players", 7))`.
    """

    __slots__ = ("_rebeam_token",)

    def __init__(self, registry: Any, key: Any) -> None:
        self._parts = (registry, key)
        where, (form, given) = place(registry), form_and_key(key)
        self._rebeam_target = ("via", where, form, given)
        self._rebeam_token = None if where[1] else _token(where[0], form)

    @property
    def registry(self) -> Any:
        """The registry, as it was given."""
        return self._parts[0]

    @property
    def key(self) -> Any:
        """The key."""
        return self._parts[1]


def describe(name: str, node: str | None, keys: str | None, partitions: int | None) -> Place:
    """Which registry that is, in exact types."""
    there = None if node is None else _text(node, "a node")
    return _text(name, "a registry's name"), there, keys, partitions


def place(registry: Any) -> Place:
    """Which registry is meant. TypeError for anything else."""
    where: Any = getattr(registry, "_place", None)
    if isinstance(where, tuple):
        return where
    if isinstance(registry, str):
        return _text(registry, "a registry's name"), None, None, None
    if isinstance(registry, tuple) and len(registry) == 2:
        return place(registry[0])[0], _text(registry[1], "a node"), None, None
    raise TypeError(f"a registry is a Registry, its name or (its name, node), not {registry!r}")


def _text(value: str, what: str) -> str:
    return _arguments.name(value, what)


def _token(registry: str, key: Any) -> bytes | None:
    """As lib/rebeam/registry/token.ex makes it."""
    if type(key) is str:
        kind = b"s"
    elif type(key) is int and -sys.maxsize <= key <= sys.maxsize:
        kind = b"i"
    else:
        return None
    name = registry.encode()
    return b"\xff%b%b%b%b" % (len(name).to_bytes(4, "big"), name, kind, str(key).encode())
