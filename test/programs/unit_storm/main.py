"""Units that are killed by segfaults, again and again, under load: `main.py segfaults`.

Victims in process units crash their whole unit when they are told to; the others of that unit
crash with it. Meanwhile callers ask victims and steady actors for values that they check.
Prints what came of it; test/rebeam/units/storm_test.exs asserts it.
"""

from __future__ import annotations

import ctypes
import os
import random
import sys
import time

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Status,
    Supervisor,
    call,
    cast,
    child,
    receive,
    sleep,
    start_child,
    whereis,
)
from rebeam._runtime import rebeam_info

VICTIMS = 6
STEADY = 4
CALLERS = 4


class Echo(GenPy):
    def __init__(self, name: str) -> None:
        self.name = name

    @receive("square")
    def square(self, message: int) -> tuple[str, int]:
        return self.name, message * message

    @receive("pid")
    def pid(self) -> int:
        return os.getpid()

    @receive("segfault")
    def segfault(self) -> None:
        ctypes.string_at(0)


class Caller(GenPy):
    """Asks at random, and counts: right, wrong, of whom no answer came."""

    def __init__(self, name: str, targets: list[str]) -> None:
        self.name, self.targets = name, targets
        self.right = self.wrong = self.down = self.late = 0

    @receive("go")
    def go(self) -> None:
        for _ in range(20):
            target, number = random.choice(self.targets), random.randrange(10**9)
            status, value = call(target, "square", number, 60)
            if status is Status.OK:
                good = value == (target, number * number)
                self.right, self.wrong = self.right + good, self.wrong + (not good)
            elif status is Status.DOWN and target.startswith("victim"):
                self.down += 1
                sleep(0.01)
            elif status is Status.TIMEOUT:
                self.late += 1
            else:
                self.wrong += 1
        cast(self.name, "go")

    @receive("counts")
    def counts(self) -> tuple[int, int, int, int]:
        return self.right, self.wrong, self.down, self.late


def ask(target: str, subject: str) -> object:
    """Until it answers: it may be on its way to another unit."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        status, value = call(target, subject, None, 60)
        if status is Status.OK:
            return value
        sleep(0.02)
    return None


def drive(segfaults: int) -> None:
    victims = [f"victim{n}" for n in range(VICTIMS)]
    steady = [f"steady{n}" for n in range(STEADY)]
    for name in victims:
        start_child("top", child(Echo(name), isolation="process"))
    for name in steady:
        start_child("top", Echo(name))
    for n in range(CALLERS):
        start_child("top", Caller(f"caller{n}", victims + steady))
        cast(f"caller{n}", "go")
    seen, began = set(), time.monotonic()
    for _ in range(segfaults):
        victim = random.choice(victims)
        seen.add(ask(victim, "pid"))
        before = whereis(victim)
        status, reason = call(victim, "segfault", None, 60)
        if (status, reason) != (Status.DOWN, "noconnection"):
            print("unexpected:", status, reason)
        while whereis(victim) in (None, before):
            sleep(0.01)
    seconds = time.monotonic() - began
    print("restarted:", all(ask(name, "pid") for name in victims))
    seen |= {ask(name, "pid") for name in victims}
    counts = [ask(f"caller{n}", "counts") for n in range(CALLERS)]
    right, wrong, down, late = (sum(each) for each in zip(*counts, strict=True))  # type: ignore[call-overload]
    print("answers:", right > segfaults, "wrong:", wrong, "late:", late)
    while len(rebeam_info()["units"]) < 2:  # the last one may still be replaced
        sleep(0.1)
    print("pids:", *seen)
    print(
        f"{segfaults} segfaults in {seconds:.1f} s, {right} right answers, {down} calls cut off",
        file=sys.stderr,
    )


def main() -> None:
    segfaults = int(sys.argv[1])
    Supervisor(
        [
            DynamicSupervisor("top", max_restarts=100_000, max_seconds=1),
            child(lambda: drive(segfaults), id="drive", restart="transient", significant=True),
        ]
    )


if __name__ == "__main__":
    main()
