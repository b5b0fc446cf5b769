"""Rows of a table, fetched some at a time while they are iterated over."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from rebeam._errors import ActorExit
from rebeam._keys import form
from rebeam._native import ProcessID, _op, cast
from rebeam._table_values import given, value_of

At = str | tuple[str, str]


class Rows(Iterator[Any]):
    """An iterator over (key, value), or over keys. `fetch` asks for the next ones, and suspends;
    iterating holds a thread meanwhile. What was fetched is unpacked, and tested, row by row."""

    def __init__(self, keys: bool, matches: Callable[[Any, Any], bool] | None) -> None:
        self._keys, self._matches = keys, matches
        self._fetched: list[Any] = []
        self._at = 0
        self._over = False

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> Any:
        while True:
            while self._at >= len(self._fetched):
                if self._over:
                    raise StopIteration
                self.fetch()
            row = self._fetched[self._at]
            self._at += 1
            row = self._row(row)
            if self._matches is None or self._matches(*row):
                return row

    def _row(self, row: Any) -> Any:
        return given(row[0]) if self._keys else (given(row[0]), value_of(row[1]))

    def fetch(self) -> None:
        raise NotImplementedError

    def rest(self) -> list[Any]:
        """All that were not iterated over yet. Suspends."""
        rows = []
        while True:
            rows += map(self._row, self._fetched[self._at :])
            self._at = len(self._fetched)
            if self._over:
                return rows
            self.fetch()

    def _take(self, rows: list[Any]) -> None:
        self._fetched, self._at = rows, 0


class Walk(Rows):
    """In the order of an ordered_set, or against it."""

    def __init__(
        self,
        at: At,
        reverse: bool = False,
        start: Any = None,
        end: Any = None,
        keys: bool = False,
    ) -> None:
        super().__init__(keys, None)
        self._table, self._reverse, self._start, self._end = at, reverse, start, end

    def fetch(self) -> None:
        arguments = self._reverse, self._start, self._end, self._keys
        self._start, rows = _op("tables.walk", self._table, *arguments)
        self._over = self._start is None
        self._take(rows)


class Scan(Rows):
    """In no order; a process of the main node stands where it is (lib/rebeam/tables/cursor.ex)."""

    def __init__(
        self,
        at: At,
        guard: Any = None,
        matches: Callable[[Any, Any], bool] | None = None,
        keys: bool = False,
    ) -> None:
        super().__init__(keys, matches)
        self._table, self._guard = at, guard
        self._cursor: ProcessID | None = None
        self._next = 0

    def fetch(self) -> None:
        if self._cursor is None:
            self._cursor, rows = _op("tables.cursor", self._table, self._guard, self._keys)
        else:
            rows = _op("tables.next", self._cursor, self._next, self._keys)
        self._next += 1  # those that a wait was cut off from are asked for again
        self._over = not rows
        self._take(rows)

    def __del__(self) -> None:
        if self._cursor is not None and not self._over:
            # A destructor must not wait; the cursor of an actor that ends, ends with it.
            with contextlib.suppress(ActorExit):
                cast(self._cursor, "close")


class Distinct(Iterator[Any]):
    """The keys of a bag, each once: rows of one key are beside each other."""

    def __init__(self, keys: Rows) -> None:
        self._keys = keys
        self._last: list[Any] = []

    def __next__(self) -> Any:
        for key in self._keys:
            last, self._last = self._last, [form(key)[0]]
            if last != self._last:
                return key
        raise StopIteration
