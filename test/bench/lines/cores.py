"""Two actors that compute at once, in two process units, beside two processes of multiprocessing; one
after the other is what one core can do."""

import multiprocessing
import time

from bench.line import Line

from rebeam import GenPy, Supervisor, call, call_many, child, receive

line = Line("two sieves, each in a process", "ms", loads=["quiet"])


def sieve(below):
    """How many primes there are, the slow way."""
    flags = [True] * below
    for n in range(2, int(below**0.5) + 1):
        if flags[n]:
            for multiple in range(n * n, below, n):
                flags[multiple] = False
    return sum(flags) - 2


class Worker(GenPy):
    @receive("sieve")
    def sieve(self, message):
        return sieve(message)


@line.ours(1_000_000, "--workers", "2")
def ours(count):
    names = ["one", "two"]
    with Supervisor([child(Worker, name=name, isolation="process") for name in names]):
        for name in names:
            assert call(name, "sieve", 100, timeout=60) == ("ok", 25)
        begin = time.perf_counter()
        answers = call_many([(name, "sieve", count) for name in names], timeout=None)
        taken = (time.perf_counter() - begin) * 1e3
        assert answers[0] == answers[1] and answers[0][0] == "ok", answers
        return taken


@line.entry("multiprocessing", 1_000_000)
def by_multiprocessing(count):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(sieve, [100] * 4)
        begin = time.perf_counter()
        one, two = pool.map(sieve, [count] * 2)
        assert one == two
        return (time.perf_counter() - begin) * 1e3


@line.entry("python, one after the other", 1_000_000)
def by_python(count):
    begin = time.perf_counter()
    assert sieve(count) == sieve(count)
    return (time.perf_counter() - begin) * 1e3


if __name__ == "__main__":
    line.serve()
