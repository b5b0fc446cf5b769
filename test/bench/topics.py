"""Subscribers for topics.exs, which check the order of what they get."""

from rebeam import GenPy, cast, receive, run_register_process, start, subscribe


class Subscriber(GenPy):
    def __init__(self, publications):
        self.left, self.next = publications, 0

    @start()
    def subscribe(self):
        subscribe("bench")

    @receive("bench")
    def take(self, message):
        assert message == self.next, f"{message} in place of {self.next}"
        self.next += 1
        self.left -= 1
        if self.left == 0:
            cast("counter", "done")


class Counter(GenPy):
    name = "counter"

    def __init__(self):
        self.done = 0

    @receive("done")
    def add(self):
        self.done += 1

    @receive("waiting")
    def waiting(self, message):
        return message - self.done

    @receive("begin")
    def begin(self, message):
        subscribers, publications = message
        for _ in range(subscribers):
            run_register_process(Subscriber(publications))


run_register_process(Counter())
