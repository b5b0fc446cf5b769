"""Keys of registries, in the form in which other OS processes, and Elixir, compare them.

Two keys are one where `==` says so: 1, 1.0 and True; a str and a member of a StrEnum with that
value; a tuple and a namedtuple. What is no number, text, bytes, tuple or frozenset is the same key
if pickle takes it apart into the same parts. Elixir does the rest for plain numbers
(lib/rebeam/registry/key.ex).
"""

from __future__ import annotations

import contextlib
import fractions
import numbers
import operator
import types
from typing import Any

from rebeam._native import Atom, ProcessID, Reference, Term

_PLAIN = (str, int, float, bytes, bool, types.NoneType, Atom, ProcessID, Reference, Term)

# What compares as these do may be of a class of its own.
_BASES: tuple[type, ...] = (str, bytes, tuple, frozenset)


def comparable(key: Any) -> Any:
    """The key itself if it is of plain types, else another one that compares as it does.

    TypeError if it has no hash, or no parts that have one.
    """
    hash(key)
    return _comparable(key)


def _comparable(key: Any) -> Any:
    if type(key) in _PLAIN:
        return key
    base = next((each for each in _BASES if _compares_as(key, each)), None)
    if base is tuple:
        parts = tuple(map(_comparable, key))
        return key if type(key) is tuple and all(map(operator.is_, parts, key)) else parts
    if base is frozenset:
        return frozenset(map(_comparable, key))
    if base is not None:
        return str.__str__(key) if base is str else bytes(key)
    if isinstance(key, numbers.Number):
        return _number(key)
    return _taken_apart(key)


def _compares_as(key: Any, base: type) -> bool:
    cls = type(key)
    return isinstance(key, base) and cls.__eq__ is base.__eq__ and cls.__hash__ is base.__hash__


def _number(key: Any) -> Any:
    """Of Decimal, Fraction, numpy's and others: the int or float that equals it, if there is
    one."""
    if isinstance(key, numbers.Integral):
        return int(key)
    if isinstance(key, numbers.Complex) and not isinstance(key, numbers.Real):
        return ("\0complex", key.real, key.imag) if key.imag else key.real
    real: Any = key
    try:
        exact = fractions.Fraction(*real.as_integer_ratio())
    except (OverflowError, ValueError):  # infinite, or not a number
        return float(real)
    if exact.denominator == 1:
        return exact.numerator
    with contextlib.suppress(OverflowError):  # more than a float holds
        if float(exact) == exact:
            return float(exact)
    return "\0fraction", exact.numerator, exact.denominator


# ---- objects -------------------------------------------------------------------------------------


def _taken_apart(key: Any) -> Any:
    """What comes first tells it from a tuple of the user's."""
    if isinstance(key, (type, types.FunctionType, types.BuiltinFunctionType)):
        return "\0named", str(key.__module__), key.__qualname__
    reduced = key.__reduce_ex__(4)
    parts = reduced if isinstance(reduced, tuple) else (reduced,)
    return ("\0made", *map(_part, parts))


def _part(part: Any) -> Any:
    """Parts may be what no key is."""
    if isinstance(part, dict):
        return "\0dict", frozenset((_part(name), _part(value)) for name, value in part.items())
    if isinstance(part, (list, set)):
        many = frozenset if isinstance(part, set) else tuple
        return f"\0{type(part).__name__}", many(map(_part, part))
    return tuple(map(_part, part)) if type(part) is tuple else _comparable(part)
