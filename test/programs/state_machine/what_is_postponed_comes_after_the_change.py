from waiting import wait_until

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    event,
    next_state,
    postpone,
    run_register_process,
)


class Gate(GenStateMachine):
    initial_state = "shut"

    def __init__(self):
        self.log = []

    @event("car", state="shut")
    def wait(self):
        self.log.append("wait")
        return postpone()

    @event("open", state="shut")
    def open(self):
        return next_state("open")

    @event("car", state="open")
    def enter(self, message):
        self.log.append(message)
        return message * 10

    @event("shut", state="open")
    def shut(self):
        return next_state("shut")

    @event("log")
    def all(self):
        log, self.log = self.log, []
        return log


def car(gate, number, out):
    def run():
        out.append(call(gate, "car", number))

    return child(run, restart="temporary")


def drive():
    gate = run_register_process(Gate())
    answers = []
    for number in range(5):
        run_register_process(car(gate, number, answers))
        wait_until(lambda: len(call(gate, "log")[1]) != 0)
    cast(gate, "car", 5)
    cast(gate, "open")
    cast(gate, "car", 6)
    wait_until(lambda: len(answers) >= 5)
    print(call(gate, "log")[1])
    print(sorted(response for _, response in answers))
    cast(gate, "shut")
    cast(gate, "car", 7)
    cast(gate, "car", 8)
    print(call(gate, "log")[1])
    cast(gate, "open")
    print(call(gate, "log")[1])


Supervisor(modules=[child(drive, restart="transient", significant=True)])
