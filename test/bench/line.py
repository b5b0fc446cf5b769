"""What a line of the table declares, and how its file measures when it is told to.

    line = Line("one pair", "us", goals=[Goal(1.0, of="uvloop")])

    @line.entry("uvloop", count=30_000)
    def by_uvloop(count):
        return microseconds     # of `count` calls, for one of them

    if __name__ == "__main__":
        line.serve()

Less is better in every line. The file is imported to know who takes part, and run once for each of
them: as a program of Re:BEAM, of plain Python, or, of the file beside it that ends with .exs, of Elixir.
Such a process measures once for each number that it reads, and prints what came out as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

OURS = "Re:BEAM"

Figures = float | dict[str, float]
Measure = Callable[[int], Figures]


@dataclass(frozen=True)
class Goal:
    """At most `limit`, in the line's unit, or times what the peer `of` needs."""

    limit: float
    of: str | None = None
    load: str = "quiet"
    words: str | None = None

    def text(self, unit: str) -> str:
        needed = f"{self.limit:g} times {self.of}" if self.of else f"{self.limit:g} {unit}"
        what = self.words or f"at most {needed}"
        return what + (", busy" if self.load == "busy" else "")


@dataclass(frozen=True)
class Entry:
    """Who takes part: `count` is what one round does, `needs` the modules that have to be installed."""

    name: str
    count: int
    under: str
    measure: Measure | None = None
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    # It keeps the machine busy also while others measure, so it has its rounds after theirs.
    apart: bool = False


class Line:
    """`loads` says when it is measured, `fresh` that each round needs a new process, and `slow` that
    the quick table is without it."""

    def __init__(
        self,
        title: str,
        unit: str,
        goals: Sequence[Goal] = (),
        *,
        loads: Sequence[str] = ("quiet", "busy"),
        fresh: bool = False,
        slow: bool = False,
    ) -> None:
        self.title, self.unit, self.goals = title, unit, list(goals)
        self.loads, self.fresh, self.slow = list(loads), fresh, slow
        self.entries: dict[str, Entry] = {}

    def ours(self, count: int, *options: str) -> Callable[[Measure], Measure]:
        """Decorates what measures Re:BEAM; the options are those of its command."""
        return self._add(Entry(OURS, count, "rebeam", options=options))

    def entry(
        self, name: str, count: int, *needs: str, apart: bool = False
    ) -> Callable[[Measure], Measure]:
        """Decorates what measures a peer in plain Python."""
        return self._add(Entry(name, count, "python", needs=needs, apart=apart))

    def elixir(self, name: str, count: int, *script: str) -> None:
        """A peer in the file of Elixir beside this one; or in that of another line, with arguments."""
        self.entries[name] = Entry(name, count, "elixir", options=script)

    def _add(self, entry: Entry) -> Callable[[Measure], Measure]:
        def add(measure: Measure) -> Measure:
            fields = {**entry.__dict__, "measure": measure}
            self.entries[entry.name] = Entry(**fields)
            return measure

        return add

    def serve(self) -> None:
        """Measures whenever a number comes in."""
        measure = self.entries[sys.argv[1]].measure
        assert measure is not None
        for order in sys.stdin:
            print(json.dumps({"figures": measure(int(order))}), flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """Of values in any order."""
    return sorted(values)[min(int(len(values) * percent / 100), len(values) - 1)]


class Curve(Line):
    """What changes with a number. Its measure gets one of the sizes, in a process of its own, and returns
    figures by their names: what one costs, so that flat is best. `figures` has their units."""

    def __init__(
        self, title: str, of: str, figures: dict[str, str], sizes: Sequence[int], *options: str
    ) -> None:
        super().__init__(title, "", fresh=True)
        self.of, self.figures, self.sizes, self.options = of, figures, list(sizes), options

    def measure(self, function: Measure) -> Measure:
        return self.ours(1, *self.options)(function)


def decades(first: int, last: int) -> list[int]:
    """10, 100, 1,000 ... from the first to the last of them."""
    return [10**n for n in range(20) if first <= 10**n <= last]
