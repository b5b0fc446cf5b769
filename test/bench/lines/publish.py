"""Publications to a thousand subscribers, until each has handled all, beside Elixir's Registry."""

import time

from bench.line import Line

from rebeam import GenPy, Supervisor, call, call_many, receive, start, subscribe
from rebeam import publish as to_all

line = Line("a publication to 1,000, each", "us")
SUBSCRIBERS = 1_000


class Subscriber(GenPy):
    def __init__(self, number):
        self.name, self.next = f"subscriber {number}", 0

    @start()
    def boot(self):
        subscribe("bench")

    @receive("bench")
    def take(self, message):
        assert message == self.next, f"{message} in place of {self.next}"
        self.next += 1

    @receive("taken")
    def taken(self):
        return self.next


class Publisher(GenPy):
    name = "publisher"

    @receive("go")
    def go(self, message):
        begin = time.perf_counter()
        for number in range(message):
            to_all("bench", number)
        asked = [(f"subscriber {n}", "taken", None) for n in range(SUBSCRIBERS)]
        answers = call_many(asked, timeout=None)
        taken = time.perf_counter() - begin
        assert answers == [("ok", message)] * SUBSCRIBERS
        return taken * 1e6 / (message * SUBSCRIBERS)


@line.ours(50_000)
def ours(count):
    with Supervisor([*(Subscriber(n) for n in range(SUBSCRIBERS)), Publisher]):
        status, figure = call("publisher", "go", max(count // SUBSCRIBERS, 1), timeout=None)
        assert status == "ok", figure
        return figure


line.elixir("Registry.dispatch", 200_000)

if __name__ == "__main__":
    line.serve()
