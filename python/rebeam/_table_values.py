"""Values and keys of rows, as they are stored and as they come."""

from __future__ import annotations

from typing import Any

from rebeam._keys import form, key_of
from rebeam._native import Packed, packed, unpack

# A text from this length on, and an int from that size on, is stored as any other object is.
_LONG_TEXT = 1000
_LARGE_INT = 1 << 4096


def stored(value: Any) -> Any:
    """A value as rows have it: what Erlang has as it is, and all else packed."""
    kind = type(value)
    if kind is int:
        return value if -_LARGE_INT < value < _LARGE_INT else packed(value, "value")
    if kind is str and len(value) < _LONG_TEXT and type(form(value)[0]) is str:
        return value
    if value is None or kind is bool or (kind is float and value - value == 0):
        return value
    return packed(value, "value")


def value_of(stored: Any) -> Any:
    """A value as it came from a table; new each time."""
    if type(stored) is Packed:
        return unpack(stored)
    return [value_of(each) for each in stored] if type(stored) is tuple else stored


def given(key: Any) -> Any:
    """The key as it was put."""
    return unpack(key) if type(key) is Packed else key_of(key)
