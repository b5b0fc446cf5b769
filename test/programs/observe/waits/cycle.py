"""Who waits for whom, in the placement that is asked for."""

import sys
import threading
from typing import Any

from observed import Async, Worker
from waiting import wait_until

from rebeam import call, call_many, cast, child, observe, run_register_process, whereis

placement = sys.argv[1]
own: dict[str, Any] = {} if placement == "shared" else {"isolation": placement}
for name in ("a", "b", "c", "sleeps", "asks", "plain", "async", "many"):
    run_register_process(child((Async if name == "async" else Worker)(name), **own))

print(len(observe.waits()), observe.waits())
cast("sleeps", "five deep", 60)
for _ in range(2):  # by what is known, too
    cast("asks", "ask", ["sleeps", 1])
cast("plain", "ask in a sort key", "sleeps")
cast("async", "ask asynchronously", "sleeps")
thread = threading.Thread(target=call, args=("sleeps", "nothing", 1, 60), daemon=True)
thread.start()
many = threading.Thread(
    target=call_many, args=([("asks", "nothing"), (whereis("sleeps"), "nothing")], 60), daemon=True
)
many.start()
call("a", "nothing", 1)
cast("a", "ask", ["b", "c", "a", 1])


def named(who):
    return getattr(who, "name", "a thread")


# On a busy machine a unit may be late to tell its own, so one look counts.
found = wait_until(lambda: len(waits := observe.waits()) == 9 and waits)
for each in sorted((named(w.waiter), named(w.target), w.cycle) for w in found):
    print(*each)
print([w.cycle for w in found].count(True), found[0].cycle, found[0].since > 0)
print("CYCLE" in str(found), len(observe.waits(1)))
