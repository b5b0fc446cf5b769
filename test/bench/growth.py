"""What grows with numbers: what one costs, by how many there are. Flat is best.

    test/bench/run growth [LIMIT] [NAME...]   sizes up to LIMIT, of the curves whose names begin so

Each size is measured three times, in processes of its own; the least counts.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pathlib
from typing import Any

from bench import machine, multiples, text
from bench.contest import BUILD, HERE, Contestant, LeftOutError
from bench.line import Curve

# How much dearer one may be at the end than at a hundredth of it, and still be called flat.
FLAT = 1.5


def curves(names: list[str]) -> dict[str, Curve]:
    there = sorted(path.stem for path in (HERE / "curves").glob("*.py"))
    chosen = [name for name in there if any(map(name.startswith, names or [""]))]
    return {name: importlib.import_module(f"bench.curves.{name}").curve for name in chosen}


def measure(name: str, curve: Curve, limit: int, rounds: int) -> dict[str, Any]:
    """The least of each figure at each size, as JSON has it."""
    [entry] = curve.entries.values()
    sizes = [size for size in curve.sizes if size <= limit]
    points: dict[str, list[list[float]]] = {each: [] for each in curve.figures}
    stopped = None
    for size in sizes:
        try:
            found = [once(name, entry, size) for _ in range(rounds)]
        except LeftOutError as why:
            stopped = f"{size}: {why}"
            break
        for each in found[0]:
            points[each].append([size, min(figures[each] for figures in found)])
        print(shown(curve, size, points), flush=True)
    return {
        "name": name,
        "title": curve.title,
        "of": curve.of,
        "units": curve.figures,
        "points": points,
        "growth": {each: growth(found) for each, found in points.items()},
        "stopped": stopped,
    }


def once(name: str, entry: Any, size: int) -> dict[str, float]:
    figures = Contestant(HERE / f"curves/{name}.py", entry).round(size, True)
    assert isinstance(figures, dict)
    return figures


def shown(curve: Curve, size: int, points: dict[str, list[list[float]]]) -> str:
    parts = [
        f"{each} {text.number(found[-1][1])} {curve.figures[each]}"
        for each, found in points.items()
        if found and found[-1][0] == size
    ]
    return f"{size:>12,} {curve.of:10} {', '.join(parts)}"


def growth(found: list[list[float]]) -> float | None:
    """How many times dearer one is at the largest size than at a hundredth of it, or at the nearest."""
    if len(found) < 2:
        return None
    size, last = found[-1]
    before = [value for each, value in found if each <= size / 100] or [found[0][1]]
    return last / before[-1]


def verdict(curve: dict[str, Any]) -> str:
    parts = [
        f"{each} {'flat' if grown <= FLAT else 'grows'} ({grown:.2f})"
        for each, grown in curve["growth"].items()
        if grown is not None
    ]
    stopped = [f"stopped at {curve['stopped']}"] if curve["stopped"] else []
    return f"{curve['title']}: {', '.join([*parts, *stopped])}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="test/bench/run growth", description=__doc__)
    parser.add_argument("limit", type=int, nargs="?", default=1_000_000)
    parser.add_argument("names", nargs="*", help="what the names of curves begin with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", help="the JSON; build/bench/growth.json, or some.json")
    options = parser.parse_args()
    report: dict[str, Any] = {**machine.described(), "curves": []}
    print(text.conditions(report))
    path = pathlib.Path(options.out or BUILD / ("some.json" if options.names else "growth.json"))
    for name, curve in curves(options.names).items():
        print(curve.title, flush=True)
        # Bytes are many before they are large.
        limit = options.limit * (100 if curve.of == "bytes" else 1)
        report["curves"].append(measure(name, curve, limit, options.rounds))
        print(verdict(report["curves"][-1]), flush=True)
        write(report, path)
    print(f"{path} and {path.with_suffix('.svg').name}")


def write(report: dict[str, Any], path: pathlib.Path) -> None:
    """After each curve: a run that is cut short has what it measured."""
    report["load"]["after"] = [round(each, 2) for each in os.getloadavg()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")
    path.with_suffix(".svg").write_text(multiples.drawn(report))


if __name__ == "__main__":
    main()
