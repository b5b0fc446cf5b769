"""The runtime's counts, which are back where they were when the work is over."""

import time

from rebeam._runtime import collect, rebeam_info

KEYS = ("actors", "suspended", "blocked", "handles", "queued")


def counts():
    """The counts, once they have stood still for a moment: what was just killed may still leave."""
    now, end = _read(), time.monotonic() + 10
    still = time.monotonic() + 0.2
    while time.monotonic() < min(still, end):
        time.sleep(0.02)
        if (new := _read()) != now:
            now, still = new, time.monotonic() + 0.2
    return now


def settled(before, seconds=20):
    """Returns "baseline" once the counts are those of before; after some seconds, what they are."""
    end = time.monotonic() + seconds
    while (now := _read()) != before:
        if time.monotonic() > end:
            return f"before {before}, now {now}"
        time.sleep(0.01)
    return "baseline"


def _read():
    collect()  # what an idle process holds as garbage is in nobody's use
    info = rebeam_info()
    return {key: info[key] for key in KEYS}
