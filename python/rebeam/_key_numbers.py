"""Numbers as keys: those that are equal have one form, of whatever types they are.

That is an int, or a float that is no whole number, or (rank, form) for what is neither.
"""

from __future__ import annotations

import sys
from typing import Any

# The ranks (_keys.py has the others).
DECIMAL, COMPLEX, RATIO, INFINITY, NAN = 7, 8, 17, 18, 19

# A Decimal with more digits before or behind the point would take memory without end as an int.
_DIGITS = 5000


def of_float(number: float) -> tuple[Any, bool]:
    """The form, and whether it tells the number."""
    if number != number:
        return (NAN, None), False
    if number - number != 0:
        return (INFINITY, 1 if number > 0 else -1), False
    return (int(number), False) if number.is_integer() else (number, True)


def of_complex(number: complex) -> Any:
    if number.imag == 0:
        return of_float(number.real)[0]
    return COMPLEX, [of_float(number.real)[0], of_float(number.imag)[0]]


def of_decimal(number: Any) -> Any:
    if not number:
        return 0
    if not number.is_finite():
        return of_float(float(number))[0]
    if number.adjusted() > _DIGITS or number.as_tuple().exponent < -_DIGITS:
        return DECIMAL, _by_digits(number)
    return _ratio(*number.as_integer_ratio())


def of_other(number: Any) -> Any:
    """Of numpy's, Fraction and others that are registered as numbers; None of what is none."""
    numbers = sys.modules.get("numbers")
    if numbers is None or not isinstance(number, numbers.Complex):
        return None
    if isinstance(number, numbers.Integral):
        return int(number)
    if not isinstance(number, numbers.Real):
        return of_complex(complex(number))
    try:
        return _ratio(*number.as_integer_ratio())
    except AttributeError:
        return None
    except (OverflowError, ValueError):  # infinite, or not a number
        return of_float(float(number))[0]


def _ratio(numerator: int, denominator: int) -> Any:
    """In lowest terms."""
    numerator, denominator = int(numerator), int(denominator)
    if denominator == 1:
        return numerator
    try:
        near = numerator / denominator
    except OverflowError:  # more than a float holds
        return RATIO, [numerator, denominator]
    if near.as_integer_ratio() == (numerator, denominator):
        return near
    return RATIO, [numerator, denominator]


def _by_digits(number: Any) -> list[Any]:
    """In the order of their values."""
    sign, digits, _ = number.as_tuple()
    text = "".join(map(str, digits)).strip("0")
    if not sign:
        return [1, number.adjusted(), text]
    complement = "".join(str(9 - int(each)) for each in text)
    return [-1, -number.adjusted(), complement + ":"]
