"""Two actors: one counts, one asks."""

from rebeam import GenPy, Response, Supervisor, call, child, receive, response_ok


class Counter(GenPy):
    def __init__(self, first: int = 0) -> None:
        self.name = "counter"
        self.n = first

    @receive("add")
    def add(self, message: int) -> Response:
        self.n += message
        return response_ok(self.n)


def ask() -> None:
    for number in range(1, 4):
        status, total = call("counter", "add", number)
        print(status, total)


def main() -> Supervisor:
    return Supervisor(modules=[Counter(10), child(ask, significant=True)])


if __name__ == "__main__":
    main()
