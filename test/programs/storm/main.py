"""A nested tree of named actors that are crashed, and callers (test/rebeam/trees/storm_test.exs).

Arguments: how many supervisors in the root, how many in each of them, how many actors in each
of those, how many callers.
"""

import random
import sys

from rebeam import *

TOPS, LEAVES, ACTORS, CALLERS = map(int, sys.argv[1:5])
STRATEGIES = (ONE_FOR_ONE, REST_FOR_ONE, ONE_FOR_ALL)
# Never given up.
LIMITS = {"max_restarts": 100_000, "max_seconds": 1}


class Target(GenPy):
    def __init__(self, name):
        self.name = name
        self.marks = []

    @start()
    def boot(self):
        self.here = self_pid()

    @receive("echo")
    def echo(self, message):
        if message % 5 == 0:
            sleep(0.001)
        return [self.name, message]

    @receive("raise")
    def crash(self, message):
        self.marks.append("raise")
        raise ValueError(message)

    @receive("exit")
    def exit(self, message):
        self.marks.append("exit")
        sys.exit(1)

    @receive("state")
    def show(self):
        return [self.marks, self.here]


class Tidy(Target):
    @stop()
    def bye(self):
        self.marks.append("stop")


over = []
tallies = []


def caller(names, seed):
    def run():
        chance, tally, number = random.Random(seed), {}, 0
        while not over:
            name, number = chance.choice(names), number + 1
            status, answer = call(name, "echo", number, timeout=30)
            if status and answer != [name, number]:
                status = f"wrong: {name} {number} {answer}"
            tally[str(status)] = tally.get(str(status), 0) + 1
            if not status:
                sleep(0.001)
        tallies.append(tally)

    return run


class Control(GenPy):
    name = "control"

    @receive("end")
    def end(self):
        over.append(True)

    @receive("tallies")
    def show(self):
        return tallies


def leaf(top, number, names):
    own = [f"{top}-{number}-{each}" for each in range(ACTORS)]
    names.extend(own)
    return Supervisor(
        [(Target, Tidy)[n % 2](name) for n, name in enumerate(own)],
        STRATEGIES[number % 3],
        name=f"leaf-{top}-{number}",
        **LIMITS,
    )


def main():
    names = []
    tops = [
        Supervisor(
            [leaf(top, number, names) for number in range(LEAVES)],
            STRATEGIES[top % 3],
            name=f"top-{top}",
            **LIMITS,
        )
        for top in range(TOPS)
    ]
    Supervisor(tops, name="root", **LIMITS)
    callers = [child(caller(names, seed), restart="temporary") for seed in range(CALLERS)]
    Supervisor([Control(), *callers], name="callers")


if __name__ == "__main__":
    main()
