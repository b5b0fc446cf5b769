"""A cast between two nodes of this machine, until it is handled."""

import functools

from bench.line import Goal, Line
from bench.lines import node_call

line = Line("a cast to another node", "us", [Goal(2.0, "remote GenServer")])
line.ours(20_000, "--sname", "bench-cast")(functools.partial(node_call.ours, "casts"))
line.elixir("remote GenServer", 100_000)

if __name__ == "__main__":
    line.serve()
