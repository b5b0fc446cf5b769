import ast

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    enter,
    event,
    keep_state,
    next_state,
    postpone,
    repeat_state,
    run_register_process,
    timeout,
)


class Machine(GenStateMachine):
    initial_state = "a"

    def __init__(self):
        self.log = []

    @enter()
    def entered(self, previous, current):
        self.log.append(f"enter {previous or current} {current}")
        if current == "c":
            return keep_state(timeouts={"n": 0})

    @timeout()
    def state_timeout(self, current):
        self.log.append(f"state timeout {current}")
        if current == "a":
            return next_state("b")

    @timeout(event=True)
    def event_timeout(self, current):
        self.log.append(f"event timeout {current}")

    @timeout(name="n")
    def named(self, name, current):
        self.log.append(f"timeout {name} {current}")
        return next_state("a") if current == "c" else None

    @event("act", state=("a", "b", "c"))
    def act(self, message, current):
        id, actions = message
        self.log.append(f"{id} in {current}")
        verb, target, postponed, state_time, named, event = actions[current]
        options = {}
        if state_time == 0:
            options["timeout"] = 0
        if named == 0:
            options["timeouts"] = {"n": 0.0}
        if event == 0:
            options["event_timeout"] = 0
        if verb == "next":
            return next_state(target, postpone=bool(postponed), **options)
        if postponed:
            return postpone()
        return (keep_state if verb == "keep" else repeat_state)(**options)

    @event("log")
    def all(self):
        return self.log


def drive():
    for line in open("scripts"):
        machine = run_register_process(child(Machine, restart="temporary"))
        for id, actions in enumerate(ast.literal_eval(line)):
            cast(machine, "act", [id, dict(zip("abc", actions))])
        print(call(machine, "log", timeout=60)[1])


Supervisor(modules=[child(drive, restart="transient", significant=True)])
