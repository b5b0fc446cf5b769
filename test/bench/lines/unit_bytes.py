"""A call with 100 kB into another OS process of the program."""

from bench.line import Line
from bench.lines import unit_call

line = Line("100 kB of bytes into a process unit", "us")


@line.ours(2_000)
def ours(count):
    return unit_call.ours("bytes", count)


line.entry("pipe", 5_000)(lambda count: unit_call.by_pipe(bytes(100_000), count))

if __name__ == "__main__":
    line.serve()
