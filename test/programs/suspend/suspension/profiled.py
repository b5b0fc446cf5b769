"""How often a profiler counts what waits: in an actor, and in the body of the script."""

import cProfile
import sys

from rebeam import GenPy, call, child, receive, run_register_process, sleep

WAITS = 3
# Longer than a busy machine takes for the rest of it.
SECONDS = 0.5


class Slow(GenPy):
    name = "slow"

    @receive("rest")
    def rest(self):
        sleep(SECONDS)


def waits():
    call("slow", "rest")


def around():
    for _ in range(WAITS):
        waits()


def computes():
    return sum(range(100))


def holds():
    return sorted([1], key=lambda _: call("slow", "rest")[0].value)


def work():
    around()
    for _ in range(WAITS):
        computes()
    holds()


# How often it waits in all.
FUNCTIONS = {work: WAITS + 1, around: WAITS, waits: WAITS, computes: 0, holds: 1}


def counted(profile):
    """Calls, and whether the waits are in the time."""
    profile.create_stats()
    found = {name: (each[1], each[3]) for (_, _, name), each in profile.stats.items()}
    facts = [(*found[each.__name__], waited) for each, waited in FUNCTIONS.items()]
    return [(calls, "waits" * (time >= waited * SECONDS > 0)) for calls, time, waited in facts]


class Profiled(GenPy):
    @receive("profile")
    def profile(self):
        profile = cProfile.Profile()
        profile.enable()
        work()
        profile.disable()
        return counted(profile)


if __name__ == "__main__":
    run_register_process(Slow())
    # CPython profiles a thread, and on a busy machine other actors' code goes on on another one.
    actor = run_register_process(child(Profiled(), thread="dedicated"))
    print("actor", *call(actor, "profile", timeout=60)[1])
    profile = cProfile.Profile()
    profile.runcall(work)
    print("body", *counted(profile))
    sys.exit()
