"""The reducer adds up what the readers count."""

from collections import Counter

from rebeam import GenPy, receive, response_ok


class Reducer(GenPy):
    def __init__(self):
        self.name = "reducer"
        self.totals = Counter()

    @receive("add")
    def add(self, message: dict):
        self.totals.update(message)
        return response_ok()

    @receive("totals")
    def report(self):
        return response_ok(dict(self.totals))
