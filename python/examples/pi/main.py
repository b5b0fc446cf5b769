"""Pi to 200 digits by tasks: a sum is cut into pieces, and each piece is a process.

Chudnovsky's series by binary splitting: every task returns the exact whole numbers of its
range, and neighbours are combined. `async_stream` keeps at most four at work at once and
gives the results in order.
"""

from functools import reduce
from math import isqrt

from rebeam import async_stream

DIGITS = 200
TERMS = DIGITS // 14 + 2

Part = tuple[int, int, int]


def split(first: int, last: int) -> Part:
    """(P, Q, T) of the terms first <= k < last."""
    if last - first == 1:
        k = first
        p = -(6 * k - 5) * (2 * k - 1) * (6 * k - 1) if k else 1
        q = 10939058860032000 * k**3 if k else 1
        return p, q, p * (545140134 * k + 13591409)
    middle = (first + last) // 2
    return combine(split(first, middle), split(middle, last))


def combine(left: Part, right: Part) -> Part:
    (p1, q1, t1), (p2, q2, t2) = left, right
    return p1 * p2, q1 * q2, q2 * t1 + p1 * t2


def piece(bounds: tuple[int, int]) -> Part:
    return split(*bounds)


def main() -> None:
    pieces = [(first, min(first + 3, TERMS)) for first in range(0, TERMS, 3)]
    results = [value for _, value in async_stream(piece, pieces, max_concurrency=4)]
    _, q, t = reduce(combine, results)
    one = 10 ** (DIGITS + 10)
    pi = q * 426880 * isqrt(10005 * one * one) // t
    print(f"3.{str(pi)[1 : DIGITS + 1]}")


if __name__ == "__main__":
    main()
