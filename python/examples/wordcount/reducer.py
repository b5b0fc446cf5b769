"""The reducer adds up what the readers count."""

from collections import Counter

from rebeam import GenPy, Response, receive, response_ok


class Reducer(GenPy):
    def __init__(self) -> None:
        self.name = "reducer"
        self.totals: Counter[str] = Counter()

    @receive("add")
    def add(self, message: dict[str, int]) -> Response:
        self.totals.update(message)
        return response_ok()

    @receive("totals")
    def report(self) -> Response:
        return response_ok(dict(self.totals))
