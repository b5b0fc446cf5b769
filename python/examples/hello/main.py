"""Two actors: one counts, one asks."""

from rebeam import GenPy, Supervisor, call, child, receive, response_ok


class Counter(GenPy):
    def __init__(self, first=0):
        self.name = "counter"
        self.n = first

    @receive("add")
    def add(self, message):
        self.n += message
        return response_ok(self.n)


def ask():
    for number in range(1, 4):
        status, total = call("counter", "add", number)
        print(status, total)


def main():
    return Supervisor(modules=[Counter(10), child(ask, restart="transient", significant=True)])


if __name__ == "__main__":
    main()
