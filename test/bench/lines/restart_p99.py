"""As restart.py, of the slowest of a hundred."""

import functools

from bench.line import Goal, Line
from bench.lines import restart

line = Line("killed, until the name answers: p99", "us", [Goal(1_000)])
line.ours(500)(functools.partial(restart.ours, 99))
line.elixir("GenServer", 2_000, "restart", "99")
Victim, Killer = restart.Victim, restart.Killer

if __name__ == "__main__":
    line.serve()
