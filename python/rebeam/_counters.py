"""Counters, gauges and flags that all of a program shares (lib/rebeam/operation/counters.ex).

    hits = Counter("hits")
    hits.add()

One name is one cell of memory, which the OS processes of a program share: in whatever unit an actor
is, it changes the same one, without a message and at once. A method is one atomic instruction and
suspends nothing. The cell is there, with 0, from the first time on that anybody names it, until the
program ends; no actor's end changes it. On a worker machine, whose memory is its own, it is a
message instead, and suspends.

Only the first use of a name in an interpreter asks the runtime, which holds the thread for that
moment; it raises ValueError for a name that is of another kind, as a name is of one. A program has
at most 65,536 names. Counters can be sent, and come as the same counter.
"""

from __future__ import annotations

import operator
from typing import Any, Self

from rebeam._arguments import text
from rebeam._engine import files
from rebeam._native import _Counter, _Flag, _Gauge, _op

# Of this interpreter; one name is one object.
_known: dict[tuple[type, str], Any] = {}


class _Named:
    """What has its cell by a name."""

    __slots__ = ()
    _kind: str
    name: str

    def __new__(cls, name: str) -> Self:
        known: Self | None = _known.get((cls, name)) if isinstance(name, str) else None
        if known is None:
            made = super().__new__(cls if files.far is None else _FAR[cls])
            object.__setattr__(made, "name", text(name, "a name"))
            known = _known.setdefault((cls, name), made)
        return known

    def _index(self) -> int:
        index: int = _op("counters.find", self._kind, self.name)
        return index

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.name,)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class Counter(_Named, _Counter):
    """Counter(name): a whole number of 64 bits; beyond them it begins again at the other end.

    add(n=1) and sub(n=1) return what it is then: no two callers get the same sum of ones. get(),
    set(value); reset() sets it to 0 and returns what it was.
    """

    __slots__ = ("name",)
    _kind = "counter"

    def __repr__(self) -> str:
        return f"<Counter {self.name!r}>"


class Gauge(_Named, _Gauge):
    """Gauge(name): a float, with the methods of a counter. An int that is set or added is a float
    from then on."""

    __slots__ = ("name",)
    _kind = "gauge"

    def __repr__(self) -> str:
        return f"<Gauge {self.name!r}>"


class Flag(_Named, _Flag):
    """Flag(name): set() is True for the one of all callers who set it, clear() for the one who
    cleared it; get(), and bool(flag), whether it is set."""

    __slots__ = ("name",)
    _kind = "flag"

    def __repr__(self) -> str:
        return f"<Flag {self.name!r}>"


# ---- on worker machines ----------------------------------------------------------------


class _Far:
    """Of a unit on a worker machine, which has the memory of another: each method is a message to
    the main node, and suspends."""

    __slots__ = ()
    _kind: str
    name: str

    def _change(self, verb: str, value: float = 0) -> Any:
        return _op("counters.change", self._kind, self.name, verb, value)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return type(self).__mro__[2], (self.name,)

    def add(self, n: Any = 1) -> Any:
        return self._change("add", self._number(n))

    def sub(self, n: Any = 1) -> Any:
        return self._change("add", -self._number(n))

    def get(self) -> Any:
        return self._change("get")

    def set(self, value: Any) -> Any:
        self._change("exchange", self._number(value))

    def reset(self) -> Any:
        return self._change("exchange")

    def _number(self, value: Any) -> Any:
        return operator.index(value)


class _FarCounter(_Far, Counter):
    __slots__ = ()


class _FarGauge(_Far, Gauge):
    __slots__ = ()

    def _number(self, value: Any) -> Any:
        return float(value)


class _FarFlag(_Far, Flag):
    __slots__ = ()

    def set(self) -> bool:  # type: ignore[override]
        return bool(self._change("exchange", 1) == 0)

    def clear(self) -> bool:
        return bool(self._change("exchange") != 0)

    def get(self) -> bool:
        return bool(self._change("get") != 0)

    def __bool__(self) -> bool:
        return self.get()


_FAR: dict[type, type] = {Counter: _FarCounter, Gauge: _FarGauge, Flag: _FarFlag}
