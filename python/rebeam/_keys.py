"""Keys of registries and tables: what is one key in a dict has one form (lib/rebeam/value/key.ex).

A form is an int, a float that is no whole number, None, a str, a list of forms (of a tuple), or
(rank, form) for all others. Objects are what pickle takes them apart into: two of a class of the
user's are one key if they are made of the same parts.
"""

from __future__ import annotations

import copyreg
import types
from collections.abc import Callable, Iterable
from typing import Any

from rebeam import _key_numbers
from rebeam._native import Packed, pack, packed

# The ranks: in an ordered_set they are the order of the types that have none among them.
BYTES, DATE, DATETIME, DATETIME_AWARE, TIME, TIMEDELTA = 1, 2, 3, 4, 5, 6
UUID, FROZENSET, ATOM, IDENTITY = 9, 10, 11, 12
NAME, OBJECT, DICT, LIST = 13, 14, 15, 16


def form(key: Any) -> tuple[Any, bool]:
    """The form, and whether it tells the key. TypeError if the key cannot be hashed, or is an
    object that cannot be sent."""
    kind = type(key)
    if kind is int or key is None:
        return key, True
    if kind is str:
        return _text(key)
    if kind is float:
        return _key_numbers.of_float(key)
    if kind is bytes:
        return (BYTES, key), True
    if kind is tuple:
        forms = [form(each) for each in key]
        return [each for each, _ in forms], all(exact for _, exact in forms)
    hash(key)
    return _other(key), False


def form_and_key(key: Any) -> tuple[Any, Packed | None]:
    """The form, and the key as it was given, unless the form tells it."""
    made, exact = form(key)
    return made, None if exact else packed(key, "key")


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


def _other(key: Any) -> Any:
    """A class that compares as one of its bases does is that: an IntEnum, a namedtuple."""
    kind = type(key)
    for base in kind.__mro__:
        known = _FORMS.get(_name(base))
        if known is not None and _compares_as(kind, base):
            return known(key)
    number = _key_numbers.of_other(key)
    return _object(key) if number is None else number


def _compares_as(kind: type, base: type) -> bool:
    return kind.__eq__ is base.__eq__ and kind.__hash__ is base.__hash__


def _sorted(forms: Iterable[Any]) -> list[Any]:
    return sorted(forms, key=repr)


# ---- dates and times --------------------------------------------------------------------


def _datetime(key: Any) -> Any:
    import datetime

    if key.utcoffset() is None:
        first = datetime.datetime.min
        return DATETIME, _microseconds(key.replace(tzinfo=None) - first)
    return DATETIME_AWARE, _microseconds(key - datetime.datetime.min.replace(tzinfo=datetime.UTC))


def _time(key: Any) -> Any:
    count = ((key.hour * 60 + key.minute) * 60 + key.second) * 1_000_000 + key.microsecond
    offset = key.utcoffset()
    return (TIME, count) if offset is None else (TIME, [count - _microseconds(offset)])


def _microseconds(span: Any) -> int:
    count: int = (span.days * 86400 + span.seconds) * 1_000_000 + span.microseconds
    return count


def _identity(key: Any) -> Any:
    return IDENTITY, pack(key)


# ---- objects ----------------------------------------------------------------------------


def _object(key: Any) -> Any:
    if isinstance(key, (type, types.FunctionType)):
        return NAME, _name(key)
    reduce = copyreg.dispatch_table.get(type(key))
    made = reduce(key) if reduce else key.__reduce_ex__(4)
    if isinstance(made, str):
        module = getattr(key, "__module__", "builtins")
        return NAME, f"{module}.{getattr(key, '__qualname__', made)}"
    parts = [_part(each) for each in made[:3]]
    items = [list(each or ()) for each in (*made[3:5], None, None)[:2]]
    return OBJECT, [_name(type(key)), *parts, _part(items[0]), _part(dict(items[1]))]


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _part(part: Any) -> Any:
    """A part may be what no key is."""
    kind = type(part)
    if kind is dict:
        pairs = [[_part(key), _part(value)] for key, value in part.items()]
        return DICT, _sorted(pairs)
    if kind is list or kind is tuple:
        parts = [_part(each) for each in part]
        return (LIST, parts) if kind is list else parts
    if kind is set or kind is frozenset:
        return FROZENSET, _sorted(_part(each) for each in part)
    return form(part)[0] if kind in (str, float, bytes, int, type(None)) else _other(part)


def _range(key: range) -> Any:
    """Ranges are equal that give the same numbers."""
    return OBJECT, ["builtins.range", len(key), *key[:1], *([key.step] if key[1:] else [])]


# What a subclass says of itself does not count.
_FORMS: dict[str, Callable[[Any], Any]] = {
    "builtins.bool": int.__index__,
    "builtins.int": int.__index__,
    "builtins.float": lambda key: _key_numbers.of_float(float.__add__(key, 0.0))[0],
    "builtins.complex": lambda key: _key_numbers.of_complex(complex.__add__(key, 0)),
    "builtins.str": lambda key: _text(str.__str__(key))[0],
    "builtins.bytes": lambda key: (BYTES, bytes.__add__(key, b"")),
    "builtins.tuple": lambda key: [form(each)[0] for each in tuple.__iter__(key)],
    "builtins.frozenset": lambda key: (FROZENSET, _sorted(form(each)[0] for each in key)),
    "builtins.range": _range,
    "enum.Enum": lambda key: (NAME, f"{_name(type(key))}.{key._name_}"),
    "enum.Flag": lambda key: (OBJECT, [_name(type(key)), _part(key._value_)]),
    "pathlib.PurePosixPath": lambda key: (OBJECT, ["pathlib.PurePosixPath", _part(str(key))]),
    "pathlib._local.PurePosixPath": lambda key: _FORMS["pathlib.PurePosixPath"](key),
    "numpy.bool": int,
    "numpy.bool_": int,
    "numpy.str_": lambda key: _text(str.__str__(key))[0],
    "numpy.bytes_": lambda key: (BYTES, bytes.__add__(key, b"")),
    "datetime.date": lambda key: (DATE, key.toordinal()),
    "datetime.datetime": _datetime,
    "datetime.time": _time,
    "datetime.timedelta": lambda key: (TIMEDELTA, _microseconds(key)),
    "decimal.Decimal": _key_numbers.of_decimal,
    "uuid.UUID": lambda key: (UUID, key.int),
    "rebeam.Atom": lambda key: (ATOM, key.text),
    "rebeam.ProcessID": _identity,
    "rebeam.Reference": _identity,
    "rebeam.Term": _identity,
}
