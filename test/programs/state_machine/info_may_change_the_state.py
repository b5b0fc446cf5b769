from rebeam import GenStateMachine, Supervisor, call, child, event, info, next_state, send


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "idle"
    states = ("idle", "told")

    @info()
    def note(self, message, current):
        self.note = [message, current]
        return next_state("told")

    @event("ask")
    def ask(self):
        return [self.state, self.note]


class Deaf(GenStateMachine):
    name = "deaf"
    initial_state = "idle"

    @event("ask")
    def ask(self):
        return self.state


def drive():
    send("machine", {"plain": [1, ("two",)]})
    print(call("machine", "ask"))
    send("deaf", 1)
    print(call("deaf", "ask"))


Supervisor(modules=[Machine, Deaf, child(drive, restart="transient", significant=True)])
