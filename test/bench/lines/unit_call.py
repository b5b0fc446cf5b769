"""A call into another OS process of the program, beside a pipe between two Pythons."""

import multiprocessing
import time

from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call, child, receive
from rebeam import cast as send

line = Line("a call into a process unit", "us", [Goal(1.5, "pipe")])


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message

    @receive("length")
    def length(self, message):
        return len(message)

    @receive("drop")
    def drop(self, message):
        pass


class Caller(GenPy):
    name = "caller"

    @receive("calls")
    def calls(self, message):
        """Microseconds a call."""
        assert call("echo", "echo", 1, timeout=60) == ("ok", 1)
        begin = time.perf_counter()
        for number in range(message):
            assert call("echo", "echo", number)[1] == number
        return (time.perf_counter() - begin) * 1e6 / message

    @receive("casts")
    def casts(self, message):
        """Microseconds a cast, until all are handled."""
        assert call("echo", "echo", 1, timeout=60) == ("ok", 1)
        begin = time.perf_counter()
        for number in range(message):
            send("echo", "drop", number)
        assert call("echo", "echo", 1, timeout=None) == ("ok", 1)
        return (time.perf_counter() - begin) * 1e6 / message

    @receive("bytes")
    def bytes(self, message):
        """Microseconds a call with 100 kB."""
        value = bytes(100_000)
        assert call("echo", "length", value, timeout=60) == ("ok", 100_000)
        begin = time.perf_counter()
        for _ in range(message):
            assert call("echo", "length", value)[1] == 100_000
        return (time.perf_counter() - begin) * 1e6 / message


def ours(what, count):
    with Supervisor([child(Echo, isolation="process"), Caller]):
        status, figure = call("caller", what, count, timeout=None)
        assert status == "ok", figure
        return figure


def answers(pipe):
    while (message := pipe.recv()) is not None:
        pipe.send(message if isinstance(message, int) else len(message))


def by_pipe(value, count):
    """Microseconds for each that goes there and is answered."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=answers, args=(theirs,))
    process.start()
    ours.send(value)
    ours.recv()
    begin = time.perf_counter()
    for _ in range(count):
        ours.send(value)
        ours.recv()
    taken = time.perf_counter() - begin
    ours.send(None)
    process.join()
    return taken * 1e6 / count


@line.ours(4_000)
def by_us(count):
    return ours("calls", count)


line.entry("pipe", 10_000)(lambda count: by_pipe(1, count))
line.elixir("remote GenServer", 10_000, "node_call")

if __name__ == "__main__":
    line.serve()
