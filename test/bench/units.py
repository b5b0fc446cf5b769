"""Actors for units.exs: one that computes in pure Python, and a pair that calls."""

import time

from rebeam import GenPy, call, receive


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

    @receive("echo")
    def echo(self, message):
        return message

    @receive("calls")
    def calls(self, message):
        """Microseconds per call of another."""
        target, count = message
        begin = time.perf_counter()
        for n in range(count):
            assert call(target, "echo", n)[1] == n
        return (time.perf_counter() - begin) * 1e6 / count
