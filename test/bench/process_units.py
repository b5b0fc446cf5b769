"""Pure Python that computes, in one process unit and in two: `test/bench/run units`.

Turn about, so that a busy machine is busy for all; the best of each counts.
"""

import time

from rebeam import GenPy, Supervisor, call_many, child, receive, run_register_process

BELOW = 3_000_000
PRIMES = 216_816
ROUNDS = 5


class Worker(GenPy):
    @receive("sieve")
    def sieve(self, message):
        """The number of primes below `message`, the slow way."""
        flags = [True] * message
        for n in range(2, int(message**0.5) + 1):
            if flags[n]:
                for multiple in range(n * n, message, n):
                    flags[multiple] = False
        return sum(flags) - 2


def seconds(*actors):
    begin = time.perf_counter()
    answers = call_many([(each, "sieve", BELOW) for each in actors], 300)
    assert [value for _, value in answers] == [PRIMES] * len(actors), answers
    return time.perf_counter() - begin


def measure():
    # Children go to the units in turn: the third shares with the first.
    one, two, same = (run_register_process(child(Worker, isolation="process")) for _ in range(3))
    rounds = [(seconds(one), seconds(one, same), seconds(one, two)) for _ in range(ROUNDS)]
    alone, shared, apart = (min(each) for each in zip(*rounds, strict=True))
    print(f"{'one actor':28}{alone:8.2f} s")
    print(f"{'two actors, one process':28}{shared:8.2f} s")
    print(f"{'two actors, two processes':28}{apart:8.2f} s")
    print(f"{'two processes / one process':28}{shared / apart:8.2f} times as fast")


if __name__ == "__main__":
    Supervisor([child(measure, restart="transient", significant=True)])
