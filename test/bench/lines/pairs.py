"""A hundred pairs of actors at once, each as in pair.py."""

import asyncio
import functools

from bench.line import Goal, Line
from bench.lines import pair

PAIRS = 100
line = Line("a call, 100 pairs at once", "us", [Goal(0.5, "asyncio"), Goal(1.5, "GenServer")])
line.ours(100_000)(functools.partial(pair.ours, PAIRS))
line.entry("asyncio", 100_000)(lambda count: asyncio.run(pair.tasks(PAIRS, count)))
line.entry("uvloop", 100_000, "uvloop")(functools.partial(pair.by_uvloop, PAIRS))
line.elixir("GenServer", 300_000)
line.entry("pykka", 10_000, "pykka")(functools.partial(pair.by_pykka, PAIRS))

if __name__ == "__main__":
    line.serve()
