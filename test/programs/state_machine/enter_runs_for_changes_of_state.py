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
    repeat_state,
    run_register_process,
    start,
    timeout,
)


class Machine(GenStateMachine):
    def __init__(self):
        self.initial_state = "a"
        self.log = []

    @start()
    def begin(self):
        self.log.append(["start", self.state])

    @enter("a", "b")
    def named(self, previous, current):
        self.log.append([previous, current, self.state])

    @enter()
    def other(self, previous, current):
        self.log.append(["other", previous, current])

    @event(("a", "b", "c"))
    def go(self, subject):
        self.log.append("go " + subject)
        return next_state(subject, timeout=0)

    @event("repeat")
    def repeat(self):
        return repeat_state("repeated")

    @event("keep")
    def keep(self):
        return keep_state("kept")

    @timeout()
    def at_once(self, current):
        self.log.append("timeout in " + current)

    @event("log")
    def all(self):
        return self.log

    states = ("a", "b", "c")


def drive():
    machine = run_register_process(Machine())
    for subject in ("a", "b", "keep", "repeat", "c", "a"):
        cast(machine, subject)
    print(call(machine, "repeat"), call(machine, "keep"))
    for entry in call(machine, "log")[1]:
        print(entry)


Supervisor(modules=[child(drive, restart="transient", significant=True)])
