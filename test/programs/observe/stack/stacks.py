"""Where code is, in the placement that is asked for, and that nothing is stopped by the look."""

import sys
from typing import Any

from observed import Async, Worker
from waiting import wait_until

from rebeam import cast, child, observe, run_register_process

placement = sys.argv[1]
own: dict[str, Any] = {} if placement == "shared" else {"isolation": placement}


def start(name, kind=Worker, **more):
    return run_register_process(child(kind(name), **own, **more))


def at(name, function):
    """The stack of the actor, once it is in that function of the test's."""

    def found():
        shown = observe.stack(name)
        if shown.stacks is None:  # on a busy machine Python may be late
            return False
        frames = [each for stack in shown.stacks for each in stack.frames]
        return any(each.function.endswith(function) for each in frames) and shown

    return wait_until(found)


def show(what, shown):
    print(what)
    for stack in shown.stacks:
        print(" ", stack.task or "handler", "runs" if stack.running else "is suspended")
        for frame in stack.frames:
            names = ("level", "here", "message", "each", "target")
            known = {name: frame.locals[name] for name in names if name in frame.locals}
            print("   ", frame.function, "|", frame.text, "|", known)


pid = start("idle")
idle = wait_until(lambda: (shown := observe.stack("idle")).stacks is not None and shown)
print("idle", idle.stacks, observe.stack(pid).actor.state)

for subject, function in (("loop", "loop"), ("lock", "lock"), ("C", "in_c")):
    start(subject)
    cast(subject, subject, 30)
    shown = at(subject, function)
    show(subject, shown)
    print(" ", shown.actor.state, shown.actor.subject, shown.actor.work, shown.actor.unit != "")

start("alone", thread="dedicated")
cast("alone", "lock", 30)
show("dedicated", at("alone", "lock"))

start("deep")
cast("deep", "five deep", 30)
shown = at("deep", "deep")
show("five deep", shown)
print(" ", shown.actor.state, shown.actor.waits_for)

start("asker")
cast("asker", "ask in a sort key", "deep")
show("plain path", at("asker", "<lambda>"))
print(" ", observe.stack("asker").actor.state)

start("async", Async)
cast("async", "ask asynchronously", "deep")
show("asynchronous", at("async", "ask_async"))

text = str(at("deep", "deep"))
print(text.splitlines()[1].strip().startswith("File "), "here = 'level 1'" in text)
try:
    observe.stack("nobody")
except LookupError as error:
    print("LookupError", error)
