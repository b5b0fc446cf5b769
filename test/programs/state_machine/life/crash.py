from waiting import wait_until

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    child,
    event,
    next_state,
    postpone,
    run_register_process,
    sleep,
    stop,
)
from rebeam._runtime import rebeam_info


class Machine(GenStateMachine):
    def __init__(self, first):
        self.name = "machine"
        self.initial_state = "a"
        self.list = first

    @event("go", state="a")
    def go(self):
        self.list.append("gone")
        return next_state("b", self.list)

    @event("go", state="b")
    def wait(self):
        return postpone()

    @event("fail", state="b")
    def fail(self, message):
        sleep(message)
        raise ValueError("on purpose")

    @event("look")
    def look(self):
        return [self.state, self.list]

    @stop()
    def bye(self, reason):
        print("stop in", self.state, reason.splitlines()[-1], flush=True)


told = []


def ask(subject):
    def run():
        status, reason = call("machine", subject, 2)
        print(subject, status, reason.splitlines()[0], reason.splitlines()[-1], flush=True)
        told.append(subject)

    return run_register_process(child(run, restart="temporary"))


def drive():
    print(call("machine", "go"))
    # Who waits, and the machine, beside who asks for the counts.
    here = rebeam_info()["suspended"]
    for subject, waiting in (("go", 1), ("fail", 3), ("look", 4)):
        ask(subject)
        wait_until(lambda: rebeam_info()["suspended"] == here + waiting)
    wait_until(lambda: len(told) == 3 and call("machine", "look")[0])
    print(call("machine", "look"))
    call("machine", "go")
    status, reason = call("machine", "fail", 0)
    print(status, reason)
    wait_until(lambda: call("machine", "look")[0])
    print(call("machine", "look"))


Supervisor(modules=[Machine([1]), child(drive, restart="transient", significant=True)])
