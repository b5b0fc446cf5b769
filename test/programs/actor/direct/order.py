"""Each sender's messages come in the order in which it sent them, whichever way each of them takes."""

import os
import sys
import threading
import time

from order_actors import (
    SEED,
    Asynchronous,
    Changes,
    Mortal,
    Other,
    Renamed,
    Sender,
    Target,
    drive,
    ways,
)

from rebeam import (
    Supervisor,
    async_,
    await_,
    call,
    cast,
    child,
    run_register_process,
    sleep,
    start_child,
    whereis,
)
from rebeam.testing import cluster

MESSAGES = int(os.environ.get("REBEAM_MESSAGES", "20000"))
APART = "apart" in sys.argv
TARGETS = [f"target {number}" for number in range(4)]
CHANGING = ["left", "right"]


def value_of(answer):
    status, value = answer
    assert status == "ok", answer
    return value


def begin(name, subject, message):
    return async_(lambda: call(name, subject, message, timeout=None))


def ended(tasks):
    return sum(value_of(await_(task, None)) for task in tasks)


def reported(targets):
    "How many came, and what came in a wrong order."
    reports = [value_of(call(each, "report", timeout=None)) for each in targets]
    return sum(count for count, _ in reports), [wrong[:3] for _, wrong in reports if wrong]


def arrived(targets, sent):
    "The same when all has come: who asks may be faster than what others have sent."
    end = time.monotonic() + 60
    while (report := reported(targets))[0] < sent and time.monotonic() < end:
        sleep(0.01)
    return report


def within(each):
    "All ways of one program, to targets that stay; and meanwhile to names that change and to who is killed."
    renamed = [run_register_process(Renamed(name)) for name in CHANGING]
    run_register_process(Changes)
    cast("changes", "go", (renamed, CHANGING))
    senders = [f"sender {number}" for number in range(6)]
    for name in [*senders, "namer"]:
        run_register_process(Sender(name))
    run_register_process(Asynchronous)
    for name in TARGETS:
        run_register_process(Target(name))
    namer = begin("namer", "named", (each, [*CHANGING, "mortal"]))
    tasks = [begin(name, "go", (each, TARGETS, APART)) for name in [*senders, "asynchronous"]]
    sent = []
    known = [(name, whereis(name)) for name in TARGETS]
    every = [ways(name, lambda pid=pid: pid, APART) for name, pid in known]
    thread = threading.Thread(target=lambda: sent.append(drive("thread", each, every)))
    thread.start()
    sent.append(ended(tasks))
    thread.join()
    await_(namer, None)
    call("changes", "stop")
    count, wrong = arrived(TARGETS, sum(sent))
    _, of_names = reported(renamed)
    print("wrong", wrong, of_names, value_of(call("other", "report")), flush=True)
    print("lost", sum(sent) - count, flush=True)


def between(each):
    "To another node, and from there."
    with cluster(1, options=["--log-level", "none"]) as [node]:
        there = [node.start(child(Target(name, others=False))) for name in ("far 1", "far 2")]
        sender = node.start(child(Sender("far sender")))
        here = [whereis(name) for name in TARGETS]
        before, _ = reported(here)
        run_register_process(Sender("near sender"))
        tasks = [
            begin("near sender", "far", (each, there)),
            begin(sender, "far", (each, here)),
        ]
        sent = ended(tasks)
        arrived([*there, *here], before + sent)
        far, wrong_there = reported(there)
        near, wrong_here = reported(here)
    print("between nodes: wrong", wrong_there, wrong_here, flush=True)
    print("between nodes: lost", sent - far - (near - before), flush=True)


def main():
    run_register_process(Other)
    start_child("mortals", Mortal)
    within(MESSAGES // 10)
    if "REBEAM_ALONE" not in os.environ:
        between(MESSAGES // 20)
    print(f"seed {SEED}", file=sys.stderr)


if __name__ == "__main__":
    Supervisor(
        modules=[
            Supervisor([], name="mortals", max_restarts=10**9),
            # Who starts a cluster is on the main node.
            child(main, restart="temporary", significant=True, isolation="shared"),
        ]
    )
