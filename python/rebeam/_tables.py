"""Tables of rows that all actors of a program share (lib/rebeam/operation/tables.ex).

Methods suspend the actor that calls them; a plain thread waits. What Python calls by itself cannot
be suspended (`table[key]`, `key in table`, `len(table)`, a `for` over rows): it holds a thread for
as long as it takes, about as long as the method.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, ItemsView, Iterator, MutableMapping, ValuesView
from typing import Any, Literal, TypeVar, overload

from rebeam import _arguments
from rebeam._engine.outside import INSIDE
from rebeam._errors import BodyOver
from rebeam._keys import form, form_and_key
from rebeam._native import Packed, ProcessID, Target, _op, packed
from rebeam._table_conditions import Condition, Operand, Predicate
from rebeam._table_rows import At, Distinct, Rows, Scan, Walk, given, value_of

_K = TypeVar("_K")
_V = TypeVar("_V")
_D = TypeVar("_D")

_Type = Literal["set", "ordered_set", "bag"]
_TYPES = ("set", "ordered_set", "bag")
_DURABILITIES = ("interval", "always")

_MISSING: Any = object()

# A text from this length on, and an int from that size on, is stored as any other object is.
_LONG_TEXT = 1000
_LARGE_INT = 1 << 4096


class Table(MutableMapping[_K, _V]):
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

    def __init__(
        self,
        name: str,
        type: _Type = "set",
        public: bool = True,
        heir: Target | None = None,
        file: str | os.PathLike[str] | None = None,
        durability: Literal["interval", "always"] = "interval",
        read_concurrency: bool = True,
        node: str | None = None,
    ) -> None:
        self._name = _arguments.text(_arguments.name(name, "a table's name"), "a table's name")
        self._type = _one_of(type, "type", _TYPES)
        if heir is not None and public:
            raise ValueError("heir is for public=False: a public table belongs to the program")
        self._at: At = self._name
        self._settings: tuple[Any, ...] = (
            self._type,
            bool(public),
            None if heir is None else _arguments.to(heir, "heir"),
            None if file is None else _path(file),
            _one_of(durability, "durability", _DURABILITIES),
            bool(read_concurrency),
        )
        if node is not None:
            if self._settings[1:4] != (True, None, None):
                raise ValueError("a table of another node is opened there: node= takes no settings")
            self._at = self._name, _arguments.text(node, "node")
        # Where there is no program to be asked, it is opened when it is used.
        if INSIDE:
            with contextlib.suppress(BodyOver):
                self._open()

    def _open(self) -> None:
        if isinstance(self._at, tuple):
            _op("tables.attach", self._at, self._type)
        else:
            _op("tables.open", self._at, *self._settings)

    def _ask(self, verb: str, *arguments: Any) -> Any:
        try:
            return _op("tables." + verb, self._at, *arguments)
        except LookupError:
            # Not opened yet, as at the top of a module in a unit, or its file was closed.
            self._open()
            return _op("tables." + verb, self._at, *arguments)

    @property
    def name(self) -> str:
        """What it is called in the whole program."""
        return self._name

    @property
    def type(self) -> str:
        """ "set", "ordered_set" or "bag"."""
        return str(self._type)

    def __repr__(self) -> str:
        return f"<Table {self._name!r} ({self._type})>"

    def __reduce__(self) -> Any:
        return _same, (self._name, self._type, self._at, self._settings)

    def __copy__(self) -> Table[_K, _V]:
        return self

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
        key, given = form_and_key(key)
        value = _stored(value)
        try:
            _op("tables.put", self._at, key, given, value)
        except LookupError:
            self._ask("put", key, given, value)

    def put_new(self, key: _K, value: _V) -> bool:
        """The same if the key is not there. False if it is."""
        new: bool = self._ask("put_new", *form_and_key(key), _stored(value))
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
        _int(n, "n")
        _int(default, "default")
        key, given = form_and_key(key)
        try:
            count: int = _op("tables.count", self._at, key, given, n, default)
        except LookupError:
            count = self._ask("count", key, given, n, default)
        return count

    def compare_and_swap(self, key: _K, old: _V, new: _V) -> bool:
        """Puts `new` if the value is equal to `old`, in one step. False if it is not, or not
        there."""
        key, expected, stored = form(key)[0], _stored(old), _stored(new)
        while True:
            found = self._ask("swap", key, expected, stored)
            if type(found) is bool:
                return found
            # Stored otherwise, it may be equal.
            if value_of(found[0]) != old:
                return False
            expected = found[0]

    def discard(self, key: _K, value: _V) -> bool:
        """Of a bag: takes one value of a key away. False if it was not there."""
        self._of_type("bag", "discard")
        found: bool = self._ask("discard", form(key)[0], _stored(value))
        return found

    # ---- many ------------------------------------------------------------------------------

    def update(self, other: Any = (), /, **kwargs: Any) -> None:
        """Puts all rows of a mapping or of pairs, in one step: nobody sees some of them."""
        if isinstance(other, Table):
            other = other._rows().rest()
        elif hasattr(other, "keys"):
            other = [(key, other[key]) for key in other.keys()]  # noqa: SIM118
        rows = [(*form_and_key(key), _stored(value)) for key, value in other]
        rows += [(*form_and_key(key), _stored(value)) for key, value in kwargs.items()]
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

    # ---- order -----------------------------------------------------------------------------

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
        return self._started(Walk(self._at, reverse, start, end))

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

    def _of_type(self, wanted: str, method: str) -> None:
        if self._type != wanted:
            raise TypeError(f"{method} is for tables of type {wanted!r}; this is a {self._type!r}")

    # ---- the table -----------------------------------------------------------------------

    def memory(self) -> int:
        """The bytes that it takes. Large memory that values share with others counts in full. Looks
        at all rows."""
        size: int = self._ask("memory")
        return size

    def owner(self) -> ProcessID | None:
        """Who alone may write; None of a public table, and while there is none."""
        pid: ProcessID | None = self._ask("owner")
        return pid

    def drop(self) -> None:
        """The table is no more, for all; nor is its file. Used again, it is made again."""
        self._ask("drop")

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

    def __reversed__(self) -> Iterator[_K]:
        self._of_type("ordered_set", "reversed")
        return self._started(Walk(self._at, reverse=True, keys=True))

    def items(self) -> ItemsView[_K, _V]:
        """The rows as (key, value), a thousand at a time: others may write meanwhile."""
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
        while True:
            rows = self._rows(reverse=True)
            for key, _ in rows.chunk:
                found = self.take(key, _MISSING)
                if found is not _MISSING:
                    return key, found
            if not rows.chunk:
                raise KeyError("the table is empty")

    def setdefault(self, key: _K, default: Any = None) -> Any:
        """The value; if there is none, `default` is put, in one step."""
        while True:
            if self.put_new(key, default):
                return default
            found = self.get(key, _MISSING)
            if found is not _MISSING:
                return found

    def _rows(self, keys: bool = False, reverse: bool = False) -> Rows:
        if self._type == "ordered_set":
            return self._started(Walk(self._at, reverse, keys=keys))
        return self._started(Scan(self._at, keys=keys))

    def _started(self, rows: Rows) -> Rows:
        """With what comes first."""
        try:
            rows.fetch()
        except LookupError:
            self._open()
            rows.fetch()
        return rows


class _Items(ItemsView[Any, Any]):
    _mapping: Table[Any, Any]

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self._mapping._rows()


class _Values(ValuesView[Any]):
    _mapping: Table[Any, Any]

    def __iter__(self) -> Iterator[Any]:
        return (value for _, value in self._mapping._rows())


def _same(name: str, type: Any, at: At, settings: tuple[Any, ...]) -> Table[Any, Any]:
    """As it comes in a message: it is opened when it is used."""
    table: Table[Any, Any] = object.__new__(Table)
    table._name, table._type, table._at, table._settings = name, type, at, settings
    return table


def _stored(value: Any) -> Any:
    """A value as rows have it: what Erlang has as it is, and all else packed."""
    kind = type(value)
    if kind is int:
        return value if -_LARGE_INT < value < _LARGE_INT else packed(value, "value")
    if kind is str and len(value) < _LONG_TEXT and type(form(value)[0]) is str:
        return value
    if value is None or kind is bool or (kind is float and value - value == 0):
        return value
    return value if kind is Packed else packed(value, "value")


def _begins(key: Any, prefix: tuple[Any, ...]) -> bool:
    return isinstance(key, tuple) and form(key[: len(prefix)])[0] == form(prefix)[0]


def _int(value: Any, what: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what} must be an int, not {value!r}")


def _one_of(value: Any, what: str, values: tuple[str, ...]) -> Any:
    if value not in values:
        known = ", ".join(map(repr, values))
        raise ValueError(f"{what} must be one of {known}, not {value!r}")
    return str(value)


def _path(file: Any) -> str:
    path = os.path.abspath(os.fspath(file))
    if not isinstance(path, str):
        raise TypeError(f"file must be a str or a path, not {file!r}")
    return _arguments.text(path, "file")
