"""Tables of rows that all actors of a program share (lib/rebeam/operation/tables.ex).

Methods suspend the actor that calls them; a plain thread waits. What Python calls by itself cannot
be suspended (`table[key]`, `key in table`, `len(table)`, a `for` over rows): it holds a thread for
as long as it takes, about as long as the method.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, MutableMapping, ValuesView
from typing import Any, TypeVar, overload

from rebeam._keys import form, form_and_key
from rebeam._native import _op
from rebeam._table_conditions import Condition, Operand, Predicate
from rebeam._table_order import Ordered
from rebeam._table_rows import Distinct, Rows, Scan, Walk
from rebeam._table_values import given, stored, value_of

_K = TypeVar("_K")
_V = TypeVar("_V")
_D = TypeVar("_D")

_MISSING: Any = object()


class Table(Ordered[_K, _V], MutableMapping[_K, _V]):
    """Table(name): the table of that name, made if it is not there. The same name is the same table
    in the whole program, from actors in all units, threads and Elixir; it outlives who made it.

    type: "set" and "ordered_set" are mappings, "ordered_set" in the order of its keys; in a "bag" a
    key has any number of different values, and what gets or takes a value gives a list.
    public: False if its owner alone may write: the actor that opened it first. When it ends, `heir`
    (a ProcessID or name) is the owner, and gets a TableTransfer in `@info`; else who opens it next.
    file: a path; what was put is there when a program opens it again. durability: when a method
    that writes returns, that is the kernel's, and on the disk within a second ("interval"), or on
    the disk ("always").
    read_concurrency: False for a table that is mostly written.
    node: a node that is connected: its table of that name, which has to be there.

    ValueError if it is there with another type, file or access, if the file is something else's, or
    damaged; RuntimeError if it is in use; PermissionError if others could have written objects to
    it.
    """

    # What conditions are made with: table.where(Table.key > 3).
    key = Operand("key")
    value = Operand("value")

    # ---- one row -------------------------------------------------------------------------

    @overload
    def get(self, key: _K, /) -> _V | None: ...
    @overload
    def get(self, key: _K, /, default: _V | _D) -> _V | _D: ...
    def get(self, key: Any, default: Any = None) -> Any:
        """The value, equal to what was put and new each time; `default`, or None, if there is none.
        Of a bag: all values, in the order in which they were put."""
        key = form(key)[0]
        try:
            found = _op("tables.get", self._at, key)
        except LookupError:
            found = self._ask("get", key)
        return self._found(found, default)

    def put(self, key: _K, value: _V) -> None:
        """The value of that key from now on; in a bag one more, if it is not there yet."""
        row = (*form_and_key(key), stored(value))
        try:
            _op("tables.put", self._at, *row)
        except LookupError:
            self._ask("put", *row)

    def put_new(self, key: _K, value: _V) -> bool:
        """The same if the key is not there. False if it is."""
        new: bool = self._ask("put_new", *form_and_key(key), stored(value))
        return new

    def take(self, key: _K, default: Any = None) -> Any:
        """The value, which is there no more; `default` if there was none. Of a bag: all values."""
        found = self._ask("take", form(key)[0])
        return self._found(found, default)

    def _found(self, found: Any, default: Any) -> Any:
        if type(found) is list or found == ():
            return [] if self._type == "bag" and default is None else default
        return value_of(found)

    def update_counter(self, key: _K, n: int = 1, default: int = 0) -> int:
        """Adds n to the value, which is `default` if there is none, in one step. The sum. TypeError
        if the value is no int."""
        arguments = (*form_and_key(key), _int(n, "n"), _int(default, "default"))
        try:
            count: int = _op("tables.count", self._at, *arguments)
        except LookupError:
            count = self._ask("count", *arguments)
        return count

    def compare_and_swap(self, key: _K, old: _V, new: _V) -> bool:
        """Puts `new` if the value is equal to `old`, in one step. False if it is not, or not
        there."""
        key, expected, wanted = form(key)[0], stored(old), stored(new)
        while True:
            found = self._ask("swap", key, expected, wanted)
            if type(found) is bool:
                return found
            # Stored otherwise, it may be equal.
            if value_of(found[0]) != old:
                return False
            expected = found[0]

    def discard(self, key: _K, value: _V) -> bool:
        """Of a bag: takes one value of a key away. False if it was not there."""
        self._of_type("bag", "discard")
        key, value_there = form(key)[0], stored(value)
        while not self._ask("discard", key, value_there):
            # Stored otherwise, one may be equal.
            equal = (each for each in self._ask("get", key) if value_of(each) == value)
            value_there = next(equal, _MISSING)
            if value_there is _MISSING:
                return False
        return True

    # ---- many ------------------------------------------------------------------------------

    def update(self, other: Any = (), /, **kwargs: Any) -> None:
        """Puts all rows of a mapping or of pairs, in one step: nobody sees some of them."""
        if isinstance(other, Table):
            other = other._rows().rest()
        elif hasattr(other, "keys"):
            other = [(key, other[key]) for key in other.keys()]  # noqa: SIM118
        rows = [(*form_and_key(key), stored(value)) for key, value in other]
        rows += [(*form_and_key(key), stored(value)) for key, value in kwargs.items()]
        if rows:
            self._ask("put_all", rows)

    def clear(self) -> None:
        """Takes all rows away."""
        self._ask("clear")

    def snapshot(self) -> Any:
        """All rows as a dict; of a bag as a list of (key, value). Each row as it was at some moment
        meanwhile: rows that are put or taken away while it is made may be there or not."""
        rows = self._rows().rest()
        return rows if self._type == "bag" else dict(rows)

    def where(self, condition: Condition | Callable[[_K, _V], Any]) -> Iterator[tuple[_K, _V]]:
        """The rows that match, as (key, value): of a condition that is made with Table.key and
        Table.value, or of a function of key and value. In no order. Comparisons of keys, and of
        values that are numbers or texts, are made where the rows are; all else here.

            users.where((Table.key >= "m") & (Table.value["age"] > 30))
            users.where(lambda key, value: value["age"] > 30)
        """
        if not isinstance(condition, Condition):
            if not callable(condition):
                raise TypeError(f"where takes a condition or a function, not {condition!r}")
            condition = Predicate(condition)
        return self._started(Scan(self._at, condition.guard(True), condition.matches))

    def prefix(self, prefix: str | bytes | tuple[Any, ...]) -> Iterator[tuple[_K, _V]]:
        """The rows whose keys are texts, bytes or tuples that begin so, as (key, value): in order
        of an ordered_set, which goes to the first of them; of others all rows are looked at."""
        if not isinstance(prefix, (str, bytes, tuple)):
            raise TypeError(f"prefix must be a str, bytes or a tuple, not {prefix!r}")
        if self._type == "ordered_set":
            begins = form(prefix)[0]
            return self._started(Walk(self._at, False, ("from", begins), ("prefix", begins)))
        if isinstance(prefix, tuple):
            return self.where(lambda key, _: _begins(key, prefix))
        return self.where(Table.key.startswith(prefix))

    # ---- what a mapping is asked for ----------------------------------------------------------

    def __getitem__(self, key: _K) -> _V:
        found: Any = self.get(key, _MISSING)
        if found is _MISSING:
            raise KeyError(key)
        return found  # type: ignore[no-any-return]

    def __setitem__(self, key: _K, value: _V) -> None:
        self.put(key, value)

    def __delitem__(self, key: _K) -> None:
        if not self._ask("delete", form(key)[0]):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        found: bool = self._ask("has", form(key)[0])
        return found

    def __len__(self) -> int:
        size: int = self._ask("size")
        return size

    def __iter__(self) -> Iterator[_K]:
        keys = self._rows(keys=True)
        return Distinct(keys) if self._type == "bag" else keys

    def items(self) -> ItemsView[_K, _V]:
        """The rows as (key, value), fetched some at a time: others may write meanwhile."""
        return _Items(self)

    def values(self) -> ValuesView[_V]:
        """The values, as `items` has them."""
        return _Values(self)

    @overload
    def pop(self, key: _K, /) -> _V: ...
    @overload
    def pop(self, key: _K, /, default: _V | _D) -> _V | _D: ...
    def pop(self, key: Any, default: Any = _MISSING) -> Any:
        """As `take`; KeyError if it is not there and no `default` is given."""
        found = self.take(key, _MISSING)
        if found is not _MISSING:
            return found
        if default is _MISSING:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[_K, _V]:
        """Takes some row away, of an ordered_set the last one. KeyError if there is none."""
        row = self._ask("popitem")
        if row is None:
            raise KeyError("the table is empty")
        return given(row[0]), value_of(row[1])

    def setdefault(self, key: _K, default: Any = None) -> Any:
        """The value; if there is none, `default` is put, in one step."""
        while True:
            if self.put_new(key, default):
                return default
            found = self.get(key, _MISSING)
            if found is not _MISSING:
                return found

    def _rows(self, keys: bool = False) -> Rows:
        if self._type == "ordered_set":
            return self._started(Walk(self._at, keys=keys))
        return self._started(Scan(self._at, keys=keys))


class _Items(ItemsView[Any, Any]):
    _mapping: Table[Any, Any]

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self._mapping._rows()


class _Values(ValuesView[Any]):
    _mapping: Table[Any, Any]

    def __iter__(self) -> Iterator[Any]:
        return (value for _, value in self._mapping._rows())


def _begins(key: Any, prefix: tuple[Any, ...]) -> bool:
    return isinstance(key, tuple) and form(key[: len(prefix)])[0] == form(prefix)[0]


def _int(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what} must be an int, not {value!r}")
    return int.__index__(value)
