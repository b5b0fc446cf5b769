"""Actors under a DynamicSupervisor, started all at once."""

import asyncio
import functools

from bench.line import Goal, Line
from bench.lines import start_one

line = Line("started in bulk, each", "us", [Goal(10, words="100,000 a second")])
line.ours(20_000)(functools.partial(start_one.ours, "many"))
line.entry("asyncio", 20_000)(lambda count: asyncio.run(start_one.tasks(count))[0])
line.elixir("GenServer", 20_000)

if __name__ == "__main__":
    line.serve()
