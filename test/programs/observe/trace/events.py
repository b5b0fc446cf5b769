"""What an actor does with its next messages, in the placement that is asked for."""

import sys
import threading
from typing import Any

from observed import Async

from rebeam import ask, cast, child, observe, run_register_process, whereis

placement = sys.argv[1]
own: dict[str, Any] = {} if placement == "shared" else {"isolation": placement}
for name in ("traced", "other"):
    run_register_process(child(Async(name), **own))
other = whereis("other")


def everything():
    ask("traced", "nothing", {"n": [1, None]})
    ask("traced", "ask", ["other", 7])
    cast("traced", "nothing", b"x" * 10_000)
    cast("traced", "ask asynchronously", "other")
    ask("traced", "five deep", 0)


def shown(event):
    whom = "other" if event.other in (other, "other") else event.other and "somebody"
    took = "" if event.took is None else "after"
    return " ".join(
        map(str, (event.what, event.subject, event.message, event.status, whom, took))
    ).strip()


def traced(work, messages):
    """Events of so many messages, while `work` is done again and again."""
    over = threading.Event()

    def again():
        while not over.is_set():
            work()

    thread = threading.Thread(target=again, daemon=True)
    thread.start()
    try:
        events = observe.trace("traced", messages, 60)
    except LookupError:  # it is on its way back from a crash
        events = []
    over.set()
    thread.join(60)
    return events


# The trace begins with any of them: so the first whole round is among twice as many.
events = traced(everything, 10)
lines = [shown(event) for event in events]
first = lines.index("call nothing {'n': [1, None]} None somebody")
last = lines.index("call nothing {'n': [1, None]} None somebody", first + 1)
print("\n".join(lines[first:last]))
times = [event.at for event in events]
print(times == sorted(times), "calls" in str(events), len(events) == len(str(events).splitlines()))


def crash():
    cast("traced", "crash", "oh")
    over = threading.Event()
    over.wait(0.05)


# A trace ends with its actor, perhaps before it was told anything.
while not (lines := [shown(event) for event in traced(crash, 3)]):
    pass
print([line for line in lines if line.startswith(("cast", "raised"))][:2])
print(list(observe.trace("other", 1, 0.05)))
