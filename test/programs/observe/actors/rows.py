"""What is said of actors, classes, trees and crashes, in the placement that is asked for."""

import sys
from typing import Any

from observed import Worker
from waiting import wait_until

from rebeam import (
    Supervisor,
    ask,
    call,
    cast,
    child,
    observe,
    run_register_process,
    sleep,
    spawn,
    start_child,
)

placement = sys.argv[1]
own: dict[str, Any] = {} if placement == "shared" else {"isolation": placement}


def rest():
    sleep(60)


def row(name):
    found = [each for each in observe.actors(limit=100) if each.name == name]
    return found[0] if found else None


with Supervisor(
    [
        child(Worker("busy"), **own),
        child(Worker("slow"), id="tortoise", **own),
        Supervisor([child(Worker("inner"), **own)], name="below"),
    ],
    name="top",
    max_restarts=10,
):
    for n in range(300):
        call("busy", "nothing", n)
    cast("slow", "five deep", 60)
    for n in range(4):
        cast("slow", "nothing", n)
    busy = row("busy")
    slow = wait_until(lambda: (r := row("slow")).queue == 4 and r.state == "waiting" and r)
    print(busy.messages, busy.cls, busy.kind, busy.state, busy.queue, busy.restarts, busy.work)
    print(slow.id, slow.state, slow.waits_for, slow.subject, slow.age >= slow.since > 0)
    print(busy.memory > 1000, busy.unit.split()[0], busy.supervisor is not None)

    # For so long that a busy machine looks at it twice meanwhile.
    cast("busy", "loop", 5)
    loaded = wait_until(lambda: (r := row("busy")).load > 0.8 and r)
    print(loaded.state, loaded.subject, observe.actors("load", 1)[0].name)
    ask("busy", "nothing", timeout=30)
    print(row("busy").busy > 4.9)

    before = row("inner").pid
    for n in range(3):
        cast("inner", "crash", f"bad {n}")
        wait_until(lambda: (r := row("inner")) and r.restarts == n + 1)
    print(row("inner").restarts, row("inner").pid != before, observe.actors("restarts", 1)[0].name)
    [crash] = observe.crashes(1)
    print(crash.count, crash.who, crash.reason, crash.subject, crash.work)
    print(crash.first < crash.last, crash.traceback.splitlines()[-1])

    start_child("below", child(Worker("later"), **own))
    run_register_process(Worker("outside"))
    spawn(rest)
    wait_until(lambda: {c.cls: c.count for c in observe.classes()}["observed.Worker"] == 5)
    print([c.queue for c in observe.classes() if c.cls == "observed.Worker"])

    [top, below, *others] = [t for t in observe.tree() if t.id == "top"] + [
        c for t in observe.tree() for c in t.children if c.id == "below"
    ]
    print(top.id, top.kind, top.strategy, [each.id for each in top.children], top.count)
    print(below.strategy, [(c.id, c.restarts, c.actor and c.actor.name) for c in below.children])
    print(sorted(t.id for t in observe.tree() if t.strategy is None))
    print(len(observe.tree(1)[0].children), observe.tree(1)[0].count)
    drawn = str(observe.tree())
    print(drawn.splitlines()[0].startswith("top <"), "└─ " in drawn, "restarted 3 times" in drawn)

    info = observe.info()
    print(info["crashes"], info["actors"] >= 6, info["messages"] >= 300, "actors" in str(info))
    print(str(observe.actors()).splitlines()[0].split()[:3])

anything: Any = observe
for wrong in (
    lambda: anything.actors("fame"),
    lambda: anything.actors(limit=0),
    lambda: anything.tree(limit=2.5),
    lambda: anything.stack(17),
    lambda: anything.trace("nobody", 1),
    lambda: anything.trace("busy", 0),
):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)
