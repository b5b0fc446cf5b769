"""What `Table.where` takes: conditions on keys and values, made with `Table.key` and `Table.value`.

A condition is tested in Python, row by row; what Erlang's terms tell of it leaves rows out before
(lib/rebeam/tables/filter.ex).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any

from rebeam._keys import form

# Numbers from here on, infinite ones and nan are compared in Python alone.
_LARGE = 1 << 1000

# What a condition becomes for ETS: True where only Python can tell.
_Guard = Any


class Condition:
    """Whether a row matches. Conditions are joined with `&` and `|`, and turned round with `~`."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def matches(self, key: Any, value: Any) -> bool:
        raise NotImplementedError

    def guard(self, wanted: bool) -> _Guard:
        """What holds for all rows that match, or for all that do not."""
        return True

    def __and__(self, other: Condition) -> Condition:
        return _Joined(True, _checked(self), _checked(other))

    def __or__(self, other: Condition) -> Condition:
        return _Joined(False, _checked(self), _checked(other))

    def __invert__(self) -> Condition:
        return _Not(self)

    def __bool__(self) -> bool:
        raise TypeError(
            "a condition on rows has no truth of its own: join conditions with &, | and ~, each in "
            "parentheses, in place of and, or, not and chained comparisons"
        )


def _checked(condition: Condition) -> Condition:
    if not isinstance(condition, Condition):
        raise TypeError(f"a condition is made with Table.key and Table.value, not {condition!r}")
    return condition


class _Joined(Condition):
    __slots__ = ("_all", "_conditions")

    def __init__(self, all_: bool, *conditions: Condition) -> None:
        self._all, self._conditions = all_, conditions

    def matches(self, key: Any, value: Any) -> bool:
        found = (each.matches(key, value) for each in self._conditions)
        return all(found) if self._all else any(found)

    def guard(self, wanted: bool) -> _Guard:
        word = "all" if self._all is wanted else "any"
        return word, [each.guard(wanted) for each in self._conditions]


class _Not(Condition):
    __slots__ = ("_condition",)

    def __init__(self, condition: Condition) -> None:
        self._condition = condition

    def matches(self, key: Any, value: Any) -> bool:
        return not self._condition.matches(key, value)

    def guard(self, wanted: bool) -> _Guard:
        return self._condition.guard(not wanted)


class _Test(Condition):
    """A test of one operand; what Python cannot test so is not true."""

    __slots__ = ("_operand", "_other", "_test", "_word")

    def __init__(
        self, operand: Operand, word: str, test: Callable[[Any, Any], Any], other: Any
    ) -> None:
        self._operand, self._word, self._test, self._other = operand, word, test, other

    def matches(self, key: Any, value: Any) -> bool:
        other = self._other
        try:
            if isinstance(other, Operand):
                other = other.of(key, value)
            return bool(self._test(self._operand.of(key, value), other))
        except (TypeError, LookupError, ValueError, ArithmeticError):
            return False

    def guard(self, wanted: bool) -> _Guard:
        other, kind = self._other, type(self._other)
        if self._operand.items or self._word == "":
            return True
        if kind in (int, float) and abs(other) < _LARGE:
            return self._operand.name, "number", self._word, form(other)[0], wanted
        if kind is str:
            return self._operand.name, "text", self._word, form(other)[0], wanted
        return True


class _Prefix(_Test):
    __slots__ = ()

    def guard(self, wanted: bool) -> _Guard:
        if not wanted or self._operand.items or type(self._other) is not str:
            return True
        name, first = self._operand.name, form(self._other)[0]
        behind = self._other.encode("utf-8", "surrogatepass") + b"\xff"  # which no text has
        return "all", [(name, "text", ">=", first, True), (name, "text", "<", behind, True)]


class Operand:
    """The key or the value of a row, or an item of it. Comparisons give a condition."""

    __slots__ = ("items", "name")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str, items: tuple[Any, ...] = ()) -> None:
        self.name, self.items = name, items

    def __getitem__(self, item: Any) -> Operand:
        return Operand(self.name, (*self.items, item))

    def __iter__(self) -> Any:
        raise TypeError("the key or value of a row that is not there yet cannot be iterated")

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self!r} has no truth of its own: compare it, as in {self!r} == True, or give "
            "where() a function of key and value"
        )

    def __lt__(self, other: Any) -> Condition:
        return _Test(self, "<", operator.lt, other)

    def __le__(self, other: Any) -> Condition:
        return _Test(self, "<=", operator.le, other)

    def __gt__(self, other: Any) -> Condition:
        return _Test(self, ">", operator.gt, other)

    def __ge__(self, other: Any) -> Condition:
        return _Test(self, ">=", operator.ge, other)

    def __eq__(self, other: Any) -> Condition:  # type: ignore[override]
        return _Test(self, "==", operator.eq, other)

    def __ne__(self, other: Any) -> Condition:  # type: ignore[override]
        return ~_Test(self, "==", operator.eq, other)

    def is_in(self, values: Container[Any] | Iterable[Any]) -> Condition:
        """Whether it is one of these."""
        if isinstance(values, Iterator) or not hasattr(values, "__contains__"):
            values = tuple(values)  # TypeError if it has no items
        return _Test(self, "", lambda found, others: found in others, values)

    def startswith(self, prefix: str | bytes) -> Condition:
        """Whether it is a text, or bytes, that begins so."""
        if not isinstance(prefix, (str, bytes)):
            raise TypeError(f"startswith takes a str or bytes, not {prefix!r}")
        return _Prefix(self, "", _startswith, prefix)

    def of(self, key: Any, value: Any) -> Any:
        found = key if self.name == "key" else value
        for item in self.items:
            found = found[item]
        return found

    def __repr__(self) -> str:
        return f"Table.{self.name}" + "".join(f"[{item!r}]" for item in self.items)


def _startswith(found: Any, prefix: Any) -> bool:
    return isinstance(found, (str, bytes)) and found.startswith(prefix)


class Predicate(Condition):
    """A function of key and value."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self._function = function

    def matches(self, key: Any, value: Any) -> bool:
        return bool(self._function(key, value))
