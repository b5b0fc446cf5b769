"""Registries: processes by keys of one's own (lib/rebeam/operation/registry.ex).

All methods suspend the actor that calls them; a plain thread waits. But for `match`, `dispatch`
and `update_value`, which run their functions in the caller, all is done on the main node of the
program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from rebeam._addresses import Place, describe
from rebeam._arguments import whole, word
from rebeam._keys import form, form_and_key
from rebeam._native import Packed, ProcessID, _op, packed, unpack

_MOST_PARTITIONS = 1024

Entry = tuple[ProcessID, Any]


class Registry:
    """Registry(name, keys="unique", partitions=None, node=None): processes by keys.

    One for all of a program, its units included, by its name. It exists from its first use on, and
    for as long as the program runs. An entry belongs to the process that registered it, has a
    value, and goes when that ends.

    keys: "unique", each of one process, or "duplicate", of any number, each as often as it likes.
    partitions: over how many processes its keys are spread, up to 1024, where many register at
    once; None is what it is, 1 if it is new. node: a registry of another program, by the name of
    its main node, if that is connected. Of a registry that is another one already, each use is a
    ValueError.

    A key is what a dict takes and messages carry: two are one where `==` says so, and of other
    objects than numbers, text, bytes, tuples and frozensets if they are made of the same parts.
    Values arrive as messages do.

    TimeoutError if the node of the registry does not answer (what was asked for may be done all the
    same, later), ConnectionError if there is no connection to it.
    """

    def __init__(
        self,
        name: str,
        keys: Literal["unique", "duplicate"] = "unique",
        partitions: int | None = None,
        node: str | None = None,
    ) -> None:
        kind = word(keys, ("unique", "duplicate"))
        if kind is None:
            raise ValueError(f"keys must be 'unique' or 'duplicate', not {keys!r}")
        count = None if partitions is None else whole(partitions, "partitions", 1)
        if count is not None and count > _MOST_PARTITIONS:
            raise ValueError(f"partitions must be at most {_MOST_PARTITIONS}, not {partitions!r}")
        self._place: Place = describe(name, node, kind, count)

    @property
    def name(self) -> str:
        """Its name."""
        return self._place[0]

    def register(self, key: Any, value: Any = None) -> None:
        """Enters the calling actor under the key. ValueError if the key is unique and taken, by
        itself too; TypeError if key or value cannot be sent, RuntimeError in a thread that runs no
        actor."""
        _op("registry.register", self._place, *form_and_key(key), packed(value, "value"))

    def unregister(self, key: Any) -> None:
        """Takes away all that the calling actor has under the key; nothing if it has none."""
        _op("registry.unregister", self._place, form(key)[0])

    def lookup(self, key: Any) -> list[Entry]:
        """(process, value) of each entry of the key, in the order in which they came."""
        found = _op("registry.lookup", self._place, form(key)[0])
        return [(pid, unpack(value)) for pid, value in found]

    def match(self, key: Any, pattern: Any) -> list[Entry]:
        """The entries of the key whose value is like the pattern.

        In a pattern `...` is any value, a class one of its instances, a tuple or list one of that
        length, a dict one that has these keys, each with values like those of the pattern; a
        function is asked with the value, and all else is what equals it.
        """
        return [(pid, value) for pid, value in self.lookup(key) if _is_like(value, pattern)]

    def keys(self, pid: ProcessID | None = None) -> list[Any]:
        """All keys, each once, or those of one process. In no order."""
        if pid is not None and not isinstance(pid, ProcessID):
            raise TypeError(f"pid must be a ProcessID, not {pid!r}")
        found = _op("registry.keys", self._place, pid)
        return [unpack(key) if type(key) is Packed else key for key in found]

    def count(self) -> int:
        """The number of entries."""
        count: int = _op("registry.count", self._place)
        return count

    def update_value(self, key: Any, fn: Callable[[Any], Any]) -> Any:
        """Gives the calling actor's entry the value `fn(value)`, and returns that.

        Where other code of the actor changes it meanwhile, `fn` is called again. KeyError if the
        key is not the actor's, ValueError for a registry with duplicate keys.
        """
        known = form(key)[0]
        while True:
            own = _op("registry.own", self._place, known)
            if own is None:
                raise KeyError(key)
            value = fn(unpack(own[0]))
            if _op("registry.update", self._place, known, own[1], packed(value, "value")):
                return value

    def dispatch(self, key: Any, fn: Callable[[list[Entry]], object]) -> None:
        """Calls `fn` with the entries of the key, here and at once, unless there are none."""
        entries = self.lookup(key)
        if entries:
            fn(entries)

    def __reduce__(self) -> Any:
        own, node, keys, partitions = self._place
        return type(self), (own, keys, partitions, node)

    def __eq__(self, other: object) -> Any:
        return self._place == other._place if isinstance(other, Registry) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._place)

    def __repr__(self) -> str:
        own, node, keys, partitions = self._place
        spread = f", partitions={partitions}" if partitions else ""
        there = f", node={node!r}" if node else ""
        return f"Registry({own!r}, keys={keys!r}{spread}{there})"


def _is_like(value: Any, pattern: Any) -> bool:
    if pattern is ...:
        return True
    if isinstance(pattern, type):
        return isinstance(value, pattern)
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            name in value and _is_like(value[name], each) for name, each in pattern.items()
        )
    if isinstance(pattern, (tuple, list)):
        kind = tuple if isinstance(pattern, tuple) else list
        return (
            isinstance(value, kind)
            and len(value) == len(pattern)
            and all(map(_is_like, value, pattern))
        )
    return bool(pattern(value) if callable(pattern) else value == pattern)
