"""A cast into another OS process of the program, until it is handled."""

from bench.line import Goal, Line
from bench.lines import unit_call

line = Line("a cast into a process unit", "us", [Goal(2.0, "remote GenServer")])
Echo, Caller = unit_call.Echo, unit_call.Caller


@line.ours(20_000)
def ours(count):
    return unit_call.ours("casts", count)


line.elixir("remote GenServer", 100_000, "node_cast")

if __name__ == "__main__":
    line.serve()
