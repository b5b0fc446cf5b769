"""As busy_1.py, while sixteen others compute."""

import functools

from bench.line import Goal, Line
from bench.lines import busy_1

line = Line("p99 of calls beside 16 busy actors", "us", [Goal(15_000)], slow=True)
line.ours(200)(functools.partial(busy_1.ours, 16))
line.elixir("GenServer", 200)
line.entry("pykka", 20, "pykka")(functools.partial(busy_1.by_pykka, 16))

if __name__ == "__main__":
    line.serve()
