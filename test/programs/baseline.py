"""The runtime's counts, which are back where they were when the work is over."""

import gc
import time

from rebeam._runtime import collect, rebeam_info

KEYS = ("actors", "suspended", "blocked", "handles", "helpers", "queued")


def counts(keys=KEYS):
    """The counts, once they have stood still for a moment: what was just killed may still leave."""
    now, end = _read(keys), time.monotonic() + 10
    still = time.monotonic() + 0.2
    while time.monotonic() < min(still, end):
        time.sleep(0.02)
        if (new := _read(keys)) != now:
            now, still = new, time.monotonic() + 0.2
    return now


def settled(before, seconds=60, cycles=False):
    """ "baseline", once the counts are those of before; after some seconds, what they are.

    cycles: also collects Python's cyclic garbage, which may hold large memory.
    """
    end = time.monotonic() + seconds
    while (now := _read(before)) != before:
        if time.monotonic() > end:
            return f"before {before}, now {now}"
        if cycles:
            gc.collect()
        time.sleep(0.01)
    return "baseline"


def _read(keys):
    collect()  # what an idle process holds as garbage is in nobody's use
    info = rebeam_info()
    return {key: info[key] for key in keys}
