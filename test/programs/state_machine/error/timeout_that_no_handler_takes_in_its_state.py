from rebeam import GenStateMachine, Supervisor, call, child, event, next_state, timeout


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "a"

    @event("set")
    def set(self):
        return next_state("b", timeouts={"x": 0})

    @timeout(name="x", state="a")
    def x(self):
        pass

    @event("ask", state="b")
    def ask(self):
        return "alive"


def drive():
    call("machine", "set")
    print(call("machine", "ask"))


Supervisor(modules=[Machine, child(drive, restart="transient", significant=True)])
