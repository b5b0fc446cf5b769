"""The runtime's counts, which are back where they were when the work is over."""

import time

from rebeam._runtime import collect, rebeam_info

KEYS = ("actors", "suspended", "blocked", "handles", "queued")


def counts():
    collect()  # what an idle process holds as garbage is in nobody's use
    info = rebeam_info()
    return {key: info[key] for key in KEYS}


def settled(before, seconds=20):
    """"baseline", once the counts are those of before; after some seconds, what they are."""
    end = time.monotonic() + seconds
    while (now := counts()) != before:
        if time.monotonic() > end:
            return f"before {before}, now {now}"
        time.sleep(0.01)
    return "baseline"
