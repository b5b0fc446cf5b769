"""An actor counts, and the script asks it."""

from rebeam import GenPy, Supervisor, ask, receive


class Counter(GenPy):
    def __init__(self, first: int = 0) -> None:
        self.name = "counter"
        self.n = first

    @receive("add")
    def add(self, message: int) -> int:
        self.n += message
        return self.n


if __name__ == "__main__":
    with Supervisor([Counter(10)]):
        for number in (1, 2, 3):
            print(ask("counter", "add", number))
