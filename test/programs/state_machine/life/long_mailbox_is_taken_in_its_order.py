from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    event,
    next_state,
    run_register_process,
    sleep,
    whereis,
)


class Machine(GenStateMachine):
    initial_state = "a"
    states = ("a", "b")

    def __init__(self):
        self.seen = []

    @event("n", state="a")
    def first(self, message):
        if message % 5000 == 0:
            sleep(0.01)
            whereis("nobody")
        if message % 7000 == 0:
            return next_state("b", postpone=True)
        self.seen.append(message)

    @event("n", state="b")
    def second(self, message):
        self.seen.append(message)
        return next_state("a")

    @event("seen")
    def all(self):
        return self.seen == list(range(30000)), len(self.seen)


def drive():
    machine = run_register_process(Machine())
    for n in range(30000):
        cast(machine, "n", n)
    print(call(machine, "seen", timeout=60))


Supervisor(modules=[child(drive, restart="transient", significant=True)])
