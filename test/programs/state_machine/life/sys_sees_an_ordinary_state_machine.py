from rebeam import GenStateMachine, Supervisor, event, info, next_state, postpone, sleep, timeout


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "one"
    states = ("one", "two")

    @event("go")
    def go(self, message):
        return next_state(message, [self.state, message], timeouts={"x": 1000})

    @timeout(name="x")
    def x(self):
        pass

    @event("wait")
    def wait(self):
        return postpone()

    @event("sleep")
    def rest(self, message):
        sleep(message)

    @info()
    def note(self, message):
        self.noted = message

    @event("noted")
    def tell(self):
        return [type(self.noted).__name__, str(self.noted.pid), self.noted.reason]


def silent():
    sleep(1000)


Supervisor(modules=[Machine, silent])
