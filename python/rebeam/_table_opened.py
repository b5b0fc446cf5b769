"""A table as it is opened and asked, whatever its type."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Literal, TypeVar

from rebeam import _arguments
from rebeam._engine.outside import INSIDE
from rebeam._errors import BodyOver
from rebeam._native import ProcessID, Target, _op
from rebeam._table_rows import At, Rows

Type = Literal["set", "ordered_set", "bag"]
Durability = Literal["interval", "always"]

_R = TypeVar("_R", bound=Rows)


class Opened:
    """Table's beginning: what it is, and how it is asked."""

    def __init__(
        self,
        name: str,
        type: Type = "set",
        public: bool = True,
        heir: Target | None = None,
        file: str | os.PathLike[str] | None = None,
        durability: Durability = "interval",
        read_concurrency: bool = True,
        node: str | None = None,
    ) -> None:
        self._name = _arguments.text(_arguments.name(name, "a table's name"), "a table's name")
        self._type = _one_of(type, "type", ("set", "ordered_set", "bag"))
        self._at: At = self._name
        self._settings: tuple[Any, ...] = (
            self._type,
            _flag(public, "public"),
            None if heir is None else _arguments.to(heir, "heir"),
            None if file is None else _path(file),
            _one_of(durability, "durability", ("interval", "always")),
            _flag(read_concurrency, "read_concurrency"),
        )
        if heir is not None and public:
            raise ValueError("heir is for public=False: a public table belongs to the program")
        if file is None and durability != "interval":
            raise ValueError(f"durability={durability!r} is for a table with a file: give file=")
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

    def _started(self, rows: _R) -> _R:
        """With what comes first."""
        try:
            rows.fetch()
        except LookupError:
            self._open()
            rows.fetch()
        return rows

    def _of_type(self, wanted: str, method: str) -> None:
        if self._type != wanted:
            raise TypeError(f"{method} is for tables of type {wanted!r}; this is a {self._type!r}")

    @property
    def name(self) -> str:
        """What it is called in the whole program."""
        return self._name

    @property
    def type(self) -> str:
        """ "set", "ordered_set" or "bag"."""
        return str(self._type)

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

    def __repr__(self) -> str:
        return f"<Table {self._name!r} ({self._type})>"

    def __reduce__(self) -> Any:
        return _same, (type(self), self._name, self._type, self._at, self._settings)

    def __copy__(self) -> Any:
        return self


def _same(cls: Any, name: str, type: Any, at: At, settings: tuple[Any, ...]) -> Any:
    """As it comes in a message: it is opened when it is used."""
    table = object.__new__(cls)
    table._name, table._type, table._at, table._settings = name, type, at, settings
    return table


def _one_of(value: Any, what: str, values: tuple[str, ...]) -> Any:
    if not isinstance(value, str) or value not in values:
        known = ", ".join(map(repr, values))
        raise ValueError(f"{what} must be one of {known}, not {value!r}")
    return str(value)


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{what} must be True or False, not {value!r}")
    return value


def _path(file: Any) -> str:
    path = os.fspath(file)
    if not isinstance(path, str):
        raise TypeError(f"file must be a str or a path, not {file!r}")
    if not path or "\0" in path:
        raise ValueError(f"file must be the path of a file, not {path!r}")
    return _arguments.text(os.path.abspath(path), "file")


# What CPython says of wrong arguments names it as users do.
Opened.__init__.__qualname__ = "Table.__init__"
