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
        status, reason = call("machine", subject, 0.8)
        told.append(subject)
        print(subject, status, reason.splitlines()[0], reason.splitlines()[-1], flush=True)

    return run_register_process(child(run, restart="temporary"))


def drive():
    print(call("machine", "go"))
    ask("go")
    sleep(0.1)
    ask("fail")
    sleep(0.1)
    ask("look")
    while len(told) < 3 or not (answer := call("machine", "look"))[0]:
        sleep(0.01)
    sleep(0.1)
    print(answer)
    call("machine", "go")
    status, reason = call("machine", "fail", 0)
    print(status, reason)
    while not (answer := call("machine", "look"))[0]:
        sleep(0.001)
    print(answer)
    sleep(0.1)


Supervisor(modules=[Machine([1]), child(drive, restart="transient", significant=True)])
