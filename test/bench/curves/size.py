"""Bytes in a call, to an actor of the same OS process and to one of another: what a call costs."""

import time

from bench.line import Curve, decades

from rebeam import GenPy, Supervisor, call, child, receive

curve = Curve(
    "size of a message",
    "bytes",
    {"call": "us", "call into a process unit": "us"},
    decades(10, 100_000_000),
)


class Receiver(GenPy):
    @receive("length")
    def length(self, message):
        return len(message)


class Sender(GenPy):
    name = "sender"

    @receive("go")
    def go(self, message):
        value = bytes(message)
        return {
            "call": timed("here", value, 300),
            "call into a process unit": timed("there", value, 30),
        }


def timed(target, value, count):
    """Microseconds a call; the first one is not counted."""
    assert call(target, "length", value, timeout=None) == ("ok", len(value))
    begin = time.perf_counter()
    for _ in range(count):
        assert call(target, "length", value, timeout=None)[1] == len(value)
    return (time.perf_counter() - begin) * 1e6 / count


@curve.measure
def measure(size):
    children = [
        child(Receiver, name="here"),
        child(Receiver, name="there", isolation="process"),
        Sender,
    ]
    with Supervisor(children):
        status, figures = call("sender", "go", size, timeout=None)
        assert status == "ok", figures
        return figures


if __name__ == "__main__":
    curve.serve()
