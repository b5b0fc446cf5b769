"""The dining philosophers: five forks, five philosophers, no deadlock.

A fork is an actor that grants itself to one philosopher at a time and lets the others
wait, by answering their calls later. Everybody takes the lower fork first, so no circle
of waiting can close.
"""

from rebeam import GenPy, ProcessID, Response, Supervisor, ask, call_many, no_reply
from rebeam import receive, reply, response_ok, sleep

SEATS = 5
MEALS = 20


class Fork(GenPy):
    def __init__(self, number: int) -> None:
        self.name = f"fork {number}"
        self.held = False
        self.queue: list[ProcessID] = []

    @receive("take")
    def take(self, source: ProcessID) -> Response:
        if self.held:
            self.queue.append(source)
            return no_reply()
        self.held = True
        return response_ok()

    @receive("put down")
    def put_down(self) -> None:
        if self.queue:
            reply(self.queue.pop(0))
        else:
            self.held = False


class Philosopher(GenPy):
    def __init__(self, seat: int) -> None:
        self.name = f"philosopher {seat}"
        self.forks = sorted([seat, (seat + 1) % SEATS])

    @receive("dine")
    def dine(self) -> int:
        for _ in range(MEALS):
            for number in self.forks:
                ask(f"fork {number}", "take", timeout=None)
            sleep(0.001)  # eats
            for number in self.forks:
                ask(f"fork {number}", "put down")
        return MEALS


def dinner() -> None:
    everybody = [(f"philosopher {seat}", "dine") for seat in range(SEATS)]
    answers = call_many(everybody, timeout=60)
    for (name, _), (status, meals) in zip(everybody, answers, strict=True):
        print(name, "had", meals if status else status, "meals")


if __name__ == "__main__":
    forks = [Fork(number) for number in range(SEATS)]
    with Supervisor([*forks, *[Philosopher(seat) for seat in range(SEATS)]]):
        dinner()
