"""As busy_1.py, while sixteen others wait in C, where nothing can suspend them."""

import functools
import socket
import time

from bench.line import Line, percentile
from bench.lines import busy_1

from rebeam import GenPy, Supervisor, call, cast, child, receive

line = Line("p99 of calls beside 16 actors stuck in C", "us", slow=True)
Echo, Asker = busy_1.Echo, busy_1.Asker
pairs = []


class Stuck(GenPy):
    @receive("go")
    def go(self):
        pairs.append(socket.socketpair())
        # A method of a built-in type, which holds its thread.
        pairs[-1][1].recv(1)


def ours(number, count):
    names = [f"stuck {n}" for n in range(number)]
    with Supervisor([Echo, Asker, *(child(Stuck, name=name) for name in names)]):
        for name in names:
            cast(name, "go")
        while len(pairs) < number:
            time.sleep(0.001)
        status, taken = call("asker", "go", count, timeout=None)
        assert status == "ok", taken
        for mine, _ in pairs:
            mine.send(b"x")
        pairs.clear()
        return percentile(taken, 99)


line.ours(500)(functools.partial(ours, 16))

if __name__ == "__main__":
    line.serve()
