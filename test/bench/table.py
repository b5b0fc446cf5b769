"""Turns the benchmarks' lines `name.pairs value` into a table with ratios."""

import sys

PAIRS = ("1", "10", "100", "1000")


def main() -> None:
    values: dict[tuple[str, str], float] = {}
    for line in sys.stdin:
        name, _, value = line.strip().partition(" ")
        kind, _, pairs = name.partition(".")
        if pairs in PAIRS:
            values[kind, pairs] = float(value)
        else:
            print(line.rstrip())
    print(f"{'microseconds per call':32}" + "".join(f"{pairs + ' pairs':>12}" for pairs in PAIRS))
    for kind in ("genserver", "asyncio", "rebeam"):
        row(kind, [values.get((kind, pairs), float("nan")) for pairs in PAIRS])
    for other in ("genserver", "asyncio"):
        row(
            f"rebeam / {other}",
            [
                values.get(("rebeam", pairs), float("nan"))
                / values.get((other, pairs), float("nan"))
                for pairs in PAIRS
            ],
        )


def row(name: str, numbers: list[float]) -> None:
    print(f"{name:32}" + "".join(f"{number:12.2f}" for number in numbers))


main()
