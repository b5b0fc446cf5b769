"""Measures the lines in turns, and shows them as a table, as JSON and as a chart.

    test/bench/run [NAME...]        the lines, or those whose names begin so
    test/bench/run quick [NAME...]  the same with fewer rounds, and without those that take long
    test/bench/run smoke [NAME...]  one small round of each: whether they work, not how fast

Of each line all who take part are started; then one after the other has its round, over and over: so
what disturbs the machine disturbs all of them. Medians count.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import pathlib
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bench import chart, machine, text
from bench.contest import BUILD, HERE, Contestant, LeftOutError, load
from bench.line import OURS, Entry, Goal, Line

Rounds = dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Effort:
    """How many rounds under each load, and how much of its count an entry does in one."""

    rounds: dict[str, int]
    share: dict[str, float]
    # What an actor of a hundred thousand takes is not what one of a few takes.
    fresh: float = 1.0
    slow: bool = True
    apart: bool = True


EFFORTS = {
    "full": Effort({"quiet": 5, "busy": 3}, {"quiet": 1.0, "busy": 0.3}),
    "quick": Effort({"quiet": 3, "busy": 1}, {"quiet": 0.2, "busy": 0.05}, slow=False, apart=False),
    "smoke": Effort({"quiet": 1, "busy": 0}, {"quiet": 0.01, "busy": 0.01}, fresh=0.01),
}


def lines(names: list[str]) -> dict[str, Line]:
    """Those whose names begin so, or all, in the order of order.txt; then what is not in it."""
    first = (HERE / "order.txt").read_text().split()
    there = sorted(path.stem for path in (HERE / "lines").glob("*.py"))
    chosen = [name for name in there if any(map(name.startswith, names or [""]))]
    chosen.sort(key=lambda name: first.index(name) if name in first else len(first))
    return {name: importlib.import_module(f"bench.lines.{name}").line for name in chosen}


def measure(name: str, line: Line, effort: Effort) -> dict[str, Any]:
    """What a line came to, as JSON has it."""
    rounds: Rounds = {load: {} for load in line.loads}
    left_out: dict[str, str] = {}
    before = os.getloadavg()[0]
    together = [each for each in line.entries.values() if not each.apart]
    compete(name, line, together, effort, rounds, left_out)
    for each in line.entries.values():
        if each.apart and effort.apart:
            compete(name, line, [each], effort, rounds, left_out)
    return {
        "name": name,
        "title": line.title,
        "unit": line.unit,
        "load average before": round(before, 2),
        "figures": {load: summed(found) for load, found in rounds.items()},
        "goals": [judged(goal, line, rounds) for goal in line.goals],
        "left out": left_out,
    }


def compete(
    name: str,
    line: Line,
    entries: Iterable[Entry],
    effort: Effort,
    rounds: Rounds,
    left_out: dict[str, str],
) -> None:
    """One round of each after the other, and again."""
    with contextlib.ExitStack() as stack:
        running = []
        for entry in entries:
            running.append(Contestant(HERE / f"lines/{name}.py", entry))
            stack.callback(running[-1].stop)
        for kind in line.loads:
            with load(kind):
                for _ in range(min(effort.rounds[kind], 1 if line.fresh else 100)):
                    for each in running:
                        one_round(each, line, kind, effort, rounds, left_out)


def one_round(
    who: Contestant,
    line: Line,
    kind: str,
    effort: Effort,
    rounds: Rounds,
    left_out: dict[str, str],
) -> None:
    entry = who.entry
    if entry.name in left_out:
        return
    share = effort.fresh if line.fresh else effort.share[kind]
    try:
        figure = who.round(max(int(entry.count * share), 1), line.fresh)
    except LeftOutError as why:
        left_out[entry.name] = str(why)
    else:
        assert isinstance(figure, float | int)
        rounds[kind].setdefault(entry.name, []).append(figure)


def summed(found: dict[str, list[float]]) -> dict[str, Any]:
    return {
        name: {"median": statistics.median(values), "rounds": values}
        for name, values in found.items()
    }


def judged(goal: Goal, line: Line, rounds: Rounds) -> dict[str, Any]:
    """What of a goal was needed; whether it was met is null where nothing tells."""
    found = rounds.get(goal.load, {})
    ours, peer = found.get(OURS), found.get(goal.of or OURS)
    needed = None
    if ours and peer:
        needed = statistics.median(ours) / (statistics.median(peer) if goal.of else 1)
    return {
        "text": goal.text(line.unit),
        "limit": goal.limit,
        "of": goal.of,
        "load": goal.load,
        "needed": needed,
        "met": None if needed is None else needed <= goal.limit,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="test/bench/run", description=__doc__)
    parser.add_argument("--effort", choices=EFFORTS, default="full")
    parser.add_argument("--out", help="the JSON; without it build/bench/table.json, or some.json")
    parser.add_argument("names", nargs="*", help="what the names of lines begin with")
    options = parser.parse_args()
    effort = EFFORTS[options.effort]
    report: dict[str, Any] = {**machine.described(), "effort": options.effort, "lines": []}
    # The table is one run of all lines.
    path = pathlib.Path(options.out or BUILD / ("some.json" if options.names else "table.json"))
    print(text.head(report), flush=True)
    for name, line in lines(options.names).items():
        if effort.slow or not line.slow:
            report["lines"].append(measure(name, line, effort))
            print(text.row(report["lines"][-1]), flush=True)
        write(report, path)
    print(text.tail(report))
    print(f"{path} and {path.with_suffix('.svg').name}")


def write(report: dict[str, Any], path: pathlib.Path) -> None:
    """After each line: a run that is cut short has what it measured."""
    report["load"]["after"] = [round(each, 2) for each in os.getloadavg()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")
    path.with_suffix(".svg").write_text(chart.drawn(report))


if __name__ == "__main__":
    main()
