from rebeam import GenStateMachine, Supervisor, call, child, event, run_register_process, start


class None_(GenStateMachine):
    pass


class Wrong(GenStateMachine):
    def __init__(self, state):
        self.initial_state = state

    @event("state")
    def tell(self):
        return self.state


class Closed(Wrong):
    states = ("a", "b")


class Late(GenStateMachine):
    @start()
    def begin(self):
        self.initial_state = "set by start"

    @event("state")
    def tell(self):
        return self.state


def drive():
    for machine in (None_(), Wrong(5), Wrong(""), Closed("c"), Closed("a"), Wrong("free"), Late()):
        try:
            print(call(run_register_process(machine), "state"))
        except RuntimeError as error:
            print(str(error).strip().splitlines()[-1])


Supervisor(modules=[child(drive, restart="transient", significant=True)])
