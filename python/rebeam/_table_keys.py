"""What a table makes of a key: keys that `==` calls equal are one form, and forms have an order
(lib/rebeam/tables/key.ex). A form is an int, a float that is no whole number, None, a str, a list
of forms (of a tuple) or (rank, form) for all others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from rebeam._native import Atom, Packed, ProcessID, Reference, Term, pack, packed

# The ranks: in an ordered_set they are the order of the types that have none among them.
BYTES, DATE, DATETIME, DATETIME_AWARE, TIME, TIMEDELTA = 1, 2, 3, 4, 5, 6
DECIMAL, COMPLEX, UUID, FROZENSET, ATOM, IDENTITY = 7, 8, 9, 10, 11, 12
NAME, OBJECT, DICT, LIST = 13, 14, 15, 16

# No int that anybody has. Erlang knows no infinity, and these are in their places.
_INFINITE = (1 << 4096) + 0x5EBEA
_NAN = _INFINITE + 1


def form(key: Any) -> tuple[Any, bool]:
    """The form, and whether it tells the key. TypeError if the key cannot be hashed."""
    kind = type(key)
    if kind is int or key is None:
        return key, True
    if kind is str:
        return _text(key)
    if kind is float:
        return _float(key)
    if kind is bytes:
        return (BYTES, key), True
    if kind is tuple:
        forms = [form(each) for each in key]
        return [each for each, _ in forms], all(exact for _, exact in forms)
    hash(key)
    return _other(key), False


def key_of(form: Any) -> Any:
    """The key that a form tells."""
    if type(form) is list:
        return tuple([key_of(each) for each in form])
    if type(form) is tuple:
        return form[1] if type(form[1]) is bytes else form[1].encode()
    return form


def _text(text: str) -> tuple[Any, bool]:
    if text.isascii():
        return text, True
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass"), False
    return text, True


def _float(number: float) -> tuple[Any, bool]:
    if number != number:
        return _NAN, False
    if number - number != 0:
        return (_INFINITE if number > 0 else -_INFINITE), False
    return (int(number), False) if number.is_integer() else (number, True)


def _other(key: Any) -> Any:
    """Of what is of no builtin type: a subclass that is equal as that is, is it."""
    for base, plain in _PLAIN.items():
        if isinstance(key, base) and _equal_as(type(key), base):
            return plain(key)
    special = _SPECIAL.get(_name(type(key)))
    if special is not None:
        return special(key)
    if isinstance(key, Atom):
        return ATOM, key.text
    if isinstance(key, (ProcessID, Reference, Term)):
        return IDENTITY, pack(key)
    return _number(key) if _is_number(key) else _object(key)


def _equal_as(kind: type, base: type) -> bool:
    return kind.__eq__ is base.__eq__ and kind.__hash__ is base.__hash__


# What a subclass says of itself does not count.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__index__,
    float: lambda key: _float(float.__add__(key, 0.0))[0],
    str: lambda key: _text(str.__str__(key))[0],
    bytes: lambda key: (BYTES, bytes.__add__(key, b"")),
    tuple: lambda key: [form(each)[0] for each in tuple.__iter__(key)],
    frozenset: lambda key: (FROZENSET, _sorted(form(each)[0] for each in key)),
    complex: lambda key: _complex(complex.__add__(key, 0)),
}


def _sorted(forms: Iterable[Any]) -> list[Any]:
    return sorted(forms, key=repr)


def _complex(key: complex) -> Any:
    if key.imag == 0:
        return _float(key.real)[0]
    return COMPLEX, [_float(key.real)[0], _float(key.imag)[0]]


# ---- numbers of other types -----------------------------------------------------------


def _is_number(key: Any) -> bool:
    """Such as numpy's, which are equal to Python's."""
    numbers = sys.modules.get("numbers")
    try:
        return numbers is not None and isinstance(key, numbers.Real) and bool(key == float(key))
    except OverflowError:
        return False


def _number(key: Any) -> Any:
    return form(int(key) if hasattr(key, "__index__") else float(key))[0]


def _decimal(key: Any) -> Any:
    """Decimals are in the order of their values, and equal to decimals alone."""
    if not key.is_finite():
        return DECIMAL, [2, str(key)]
    sign, digits, _ = key.as_tuple()
    text = "".join(map(str, digits)).strip("0")
    if not text:
        return DECIMAL, [0]
    if not sign:
        return DECIMAL, [1, key.adjusted(), text]
    complement = "".join(str(9 - int(each)) for each in text)
    return DECIMAL, [-1, -key.adjusted(), complement + ":"]


# ---- dates and times, and what has an order besides -------------------------------------


def _datetime(key: Any) -> Any:
    import datetime

    if key.utcoffset() is None:
        first = datetime.datetime.min
        return DATETIME, (key.replace(tzinfo=None) - first) // datetime.timedelta(microseconds=1)
    first = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    return DATETIME_AWARE, (key - first) // datetime.timedelta(microseconds=1)


def _time(key: Any) -> Any:
    count = ((key.hour * 60 + key.minute) * 60 + key.second) * 1_000_000 + key.microsecond
    offset = key.utcoffset()
    return (TIME, count) if offset is None else (TIME, [count - _microseconds(offset)])


def _microseconds(key: Any) -> int:
    count: int = (key.days * 86400 + key.seconds) * 1_000_000 + key.microseconds
    return count


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "datetime.date": lambda key: (DATE, key.toordinal()),
    "datetime.datetime": _datetime,
    "datetime.time": _time,
    "datetime.timedelta": lambda key: (TIMEDELTA, _microseconds(key)),
    "decimal.Decimal": _decimal,
    "uuid.UUID": lambda key: (UUID, key.int),
}


# ---- objects ----------------------------------------------------------------------------


def _object(key: Any) -> Any:
    """Its class and what it is made from: equal are objects that are equal in that."""
    if isinstance(key, type) or hasattr(key, "__code__"):
        return NAME, _name(key)
    parts = key.__reduce_ex__(4)
    if isinstance(parts, str):
        return NAME, f"{key.__module__}.{getattr(key, '__qualname__', parts)}"
    return OBJECT, [_name(type(key)), [_part(each) for each in parts[1:3]]]


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _part(part: Any) -> Any:
    if type(part) is dict:
        pairs = [[form(key)[0], _part(value)] for key, value in part.items()]
        return DICT, sorted(pairs, key=lambda pair: repr(pair[0]))
    if type(part) is list:
        return LIST, [_part(each) for each in part]
    if type(part) is tuple:
        return [_part(each) for each in part]
    if isinstance(part, (set, frozenset)):
        return FROZENSET, _sorted(_part(each) for each in part)
    if isinstance(part, type):
        return NAME, _name(part)
    return form(part)[0]


def given_or_none(key: Any) -> tuple[Any, Packed | None]:
    """The form of a key that is put, and the key as it is, unless the form tells it."""
    made, exact = form(key)
    return made, None if exact else packed(key, "key")
