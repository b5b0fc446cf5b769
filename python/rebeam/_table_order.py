"""What a table of type "ordered_set" does in the order of its keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from rebeam._keys import form
from rebeam._table_opened import Opened
from rebeam._table_rows import Walk
from rebeam._table_values import given

_K = TypeVar("_K")
_V = TypeVar("_V")


class Ordered(Opened, Generic[_K, _V]):
    """Table's part that wants an order; TypeError where there is none."""

    def range(
        self, first: Any = None, behind: Any = None, reverse: bool = False
    ) -> Iterator[tuple[_K, _V]]:
        """The rows from a key on and before another, as (key, value), in order or against it. None
        is no bound. Of an ordered_set."""
        self._of_type("ordered_set", "range")
        low = None if first is None else form(first)[0]
        high = None if behind is None else form(behind)[0]
        if reverse:
            start = None if behind is None else ("behind", high)
            end = None if first is None else ("to", low)
        else:
            start = None if first is None else ("from", low)
            end = None if behind is None else ("before", high)
        return self._started(Walk(self._at, bool(reverse), start, end))

    def first(self, default: Any = None) -> Any:
        """The first key; `default` if there is none. Of an ordered_set, as `last`, `next`,
        `prev`."""
        return self._beside(default, "first")

    def last(self, default: Any = None) -> Any:
        """The last key."""
        return self._beside(default, "last")

    def next(self, key: _K, default: Any = None) -> Any:
        """The key behind that one, which need not be there."""
        return self._beside(default, "next", form(key)[0])

    def prev(self, key: _K, default: Any = None) -> Any:
        """The key before that one, which need not be there."""
        return self._beside(default, "prev", form(key)[0])

    def _beside(self, default: Any, *where: Any) -> Any:
        self._of_type("ordered_set", where[0])
        found = self._ask("beside", *where)
        return default if found is None else given(found[0])

    def __reversed__(self) -> Iterator[_K]:
        self._of_type("ordered_set", "reversed")
        return self._started(Walk(self._at, reverse=True, keys=True))
