"""Random conditions on rows of all kinds: what where() gives is what Python says of each row.

conditions_as_python.py COUNT SEED PLACEMENT
"""

import operator
import random
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rebeam import Supervisor, Table, child

NAN = float("nan")
INF = float("inf")
NUMBERS: list[Any] = [
    *(0, 1, -1, 2**53 + 1, 2.0**53, 10**40, -(10**40), 0.1, -2.5, 1e300, 5e-324, INF, -INF),
    *(NAN, True, False, 2**5000, -0.0, Decimal("0.1"), Decimal("-2.5"), Fraction(1, 3), 1 + 2j),
]
TEXTS = ["", "a", "ab", "abc", "b", "B", "é", "\U00010000", "\ud800", "a\ud800", "a" * 1500, "\0"]
OTHERS = [None, b"", b"a", b"ab", (), (1,), ("a", 2), (Decimal("0.1"),), frozenset([1]), int, 2j]
VALUES = [{"age": 3}, {"age": "x"}, {"age": NAN}, {}, [1, 2], [3], ["a"], {1}, bytearray(b"a")]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


def compared(comparison, operand, other):
    """What cannot be compared does not match; != is the opposite of ==."""
    if comparison is operator.ne:
        return lambda k, v: not compared(operator.eq, operand, other)(k, v)

    def test(k, v):
        try:
            return bool(comparison(operand(k, v), other(k, v)))
        except (TypeError, LookupError, ArithmeticError, ValueError):
            return False

    return test


def operand(some):
    return some.choice(
        [
            (Table.key, lambda k, v: k),
            (Table.value, lambda k, v: v),
            (Table.value["age"], lambda k, v: v["age"]),
            (Table.value[0], lambda k, v: v[0]),
            (Table.key[0], lambda k, v: k[0]),
        ]
    )


def leaf(some):
    made, function = operand(some)
    other = some.choice([*NUMBERS, *NUMBERS, *TEXTS, *TEXTS, *OTHERS, *VALUES])
    kind = some.randrange(12)
    if kind == 0:
        many = some.sample([1, 0.1, "a", "ab", None, True, b"a"], 3)
        return made.is_in(many), compared(lambda a, b: a in b, function, lambda k, v: many)
    if kind == 1:
        prefix = some.choice(["", "a", "ab", "\ud800", "a\ud800", b"a", b""])
        return made.startswith(prefix), begins(function, prefix)
    if kind == 2:
        right, other_function = operand(some)
        comparison = some.choice(COMPARISONS)
        return comparison(made, right), compared(comparison, function, other_function)
    comparison = some.choice(COMPARISONS)
    return comparison(made, other), compared(comparison, function, lambda k, v: other)


def begins(function, prefix):
    def test(k, v):
        try:
            found = function(k, v)
        except (TypeError, LookupError, ArithmeticError, ValueError):
            return False
        return isinstance(found, type(prefix)) and found.startswith(prefix)

    return test


def tree(some, depth):
    word = some.choice(["leaf", "and", "or", "not"]) if depth else "leaf"
    if word == "leaf":
        return leaf(some)
    left, of_left = tree(some, depth - 1)
    if word == "not":
        return ~left, lambda k, v: not of_left(k, v)
    right, of_right = tree(some, depth - 1)
    if word == "and":
        return left & right, lambda k, v: of_left(k, v) and of_right(k, v)
    return left | right, lambda k, v: of_left(k, v) or of_right(k, v)


def check(count, seed):
    some = random.Random(seed)
    keys = [*NUMBERS, *TEXTS, *OTHERS]
    values = [*NUMBERS, *TEXTS, *OTHERS, *VALUES]
    rows = [(key, value) for key in keys for value in some.sample(values, 1)]
    rows += [(("row", number), value) for number, value in enumerate(values)]
    tables = [Table(f"{seed} {kind}", type=kind) for kind in ("set", "ordered_set", "bag")]
    for table in tables:
        table.update(rows)
    for number in range(count):
        condition, function = tree(some, 3)
        for table in tables:
            there = list(table.items())
            wanted = shown(row for row in there if function(*row))
            given = shown(table.where(condition))
            assert given == wanted, (seed, number, table.type, set(given) ^ set(wanted))
            assert shown(table.where(function)) == wanted
    for table in tables:
        table.drop()


def shown(rows):
    return sorted(map(repr, rows))


def main():
    check(int(sys.argv[1]), sys.argv[2])
    print("right")


if __name__ == "__main__":
    placement: Any = sys.argv[3]
    Supervisor([child(main, significant=True, isolation=placement)])
