"""A tree so deep, with one actor at its end: its start and its end, for each level."""

import time

from bench.line import Curve

from rebeam import GenPy, Supervisor, call, receive

curve = Curve(
    "depth of a tree",
    "levels",
    {"start": "us a level", "end": "us a level", "call at the end of it": "us"},
    [1, 3, 10, 30, 100, 300],
)


class Leaf(GenPy):
    name = "leaf"

    @receive("echo")
    def echo(self, message):
        return message


class Caller(GenPy):
    name = "caller"

    @receive("go")
    def go(self):
        begin = time.perf_counter()
        for number in range(5_000):
            assert call("leaf", "echo", number)[1] == number
        return (time.perf_counter() - begin) * 1e6 / 5_000


@curve.measure
def measure(size):
    tree = Supervisor([Leaf, Caller])
    for _ in range(size - 1):
        tree = Supervisor([tree])
    begin = time.perf_counter()
    with tree:
        started = time.perf_counter() - begin
        status, called = call("caller", "go", timeout=None)
        assert status == "ok", called
        begin = time.perf_counter()
    ended = time.perf_counter() - begin
    return {
        "start": started * 1e6 / size,
        "end": ended * 1e6 / size,
        "call at the end of it": called,
    }


if __name__ == "__main__":
    curve.serve()
