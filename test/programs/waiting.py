"""Waiting for what others bring about, as long as a busy machine may take for it."""

import os
import signal
from pathlib import Path

from rebeam import call, testing, whereis

__all__ = ["again", "freeze", "replaced", "wait_until"]


def wait_until(condition, seconds=75):
    """What condition() says, once that is true. Suspends."""
    return testing.wait_until(condition, seconds)


def replaced(name, old):
    """The process that has the name, once it is another than `old`."""
    return wait_until(lambda: (now := whereis(name)) != old and now)


def again(name, old):
    """As `replaced`, once it answers "there" with its id."""

    def new():
        status, pid = call(name, "there")
        return status and pid != old and pid

    return wait_until(new)


def freeze(pid):
    """Stops that OS process, and waits until each of its threads stands still: it may work on for a
    while on a busy machine. Suspends."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(
        lambda: all(_state(stat) == "T" for stat in Path(f"/proc/{pid}/task").glob("*/stat"))
    )


def _state(stat):
    return stat.read_text().rpartition(") ")[2][0]
