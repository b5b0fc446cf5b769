"""An actor that is busy while so many messages come: what it costs to send them, what a call costs that
it makes itself meanwhile, and what it costs to handle them then."""

import time

from bench.line import Curve, decades

from rebeam import GenPy, Supervisor, call, cast, receive, sleep

curve = Curve(
    "messages that wait",
    "messages",
    {"cast": "us each", "a call of the busy one": "us", "handled": "us each"},
    decades(1, 1_000_000),
)
CALLS = 1_000


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message


class Receiver(GenPy):
    name = "receiver"
    holding = False
    called = 0.0

    def __init__(self):
        self.count = 0
        self.free = self.last = 0.0

    @receive("hold")
    def hold(self):
        Receiver.holding = True
        while Receiver.holding:
            sleep(0.001)
        begin = time.perf_counter()
        for number in range(CALLS):
            assert call("echo", "echo", number)[1] == number
        self.free = time.perf_counter()
        Receiver.called = (self.free - begin) * 1e6 / CALLS

    @receive("count")
    def add(self):
        self.count += 1
        self.last = time.perf_counter()

    @receive("sum")
    def total(self):
        """How many, and the seconds for all of them."""
        return self.count, self.last - self.free


class Sender(GenPy):
    name = "sender"

    @receive("go")
    def go(self, message):
        cast("receiver", "hold")
        while not Receiver.holding:
            sleep(0.001)
        begin = time.perf_counter()
        for _ in range(message):
            cast("receiver", "count")
        sent = time.perf_counter() - begin
        Receiver.holding = False
        while not Receiver.called:
            sleep(0.001)
        count, handled = call("receiver", "sum", timeout=None)[1]
        assert count == message
        return {
            "cast": sent * 1e6 / message,
            "a call of the busy one": Receiver.called,
            "handled": handled * 1e6 / message,
        }


@curve.measure
def measure(size):
    with Supervisor([Echo, Receiver, Sender]):
        status, figures = call("sender", "go", size, timeout=None)
        assert status == "ok", figures
        return figures


if __name__ == "__main__":
    curve.serve()
