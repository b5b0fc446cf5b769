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
    sleep,
    timeout,
)


class Lock(GenStateMachine):
    name = "lock"
    initial_state = "locked"

    def __init__(self, code):
        self.code = code
        self.buttons = []

    @enter("locked")
    def locked(self):
        self.buttons.clear()

    @event("button", state="locked")
    def press(self, message):
        self.buttons = [*self.buttons, message][-len(self.code) :]
        if self.buttons == self.code:
            return next_state("open", timeout=0.6)
        return keep_state(timeout=1.2)

    @timeout(state="locked")
    def clear(self):
        self.buttons.clear()

    @event("button", state="open")
    def keep(self):
        return postpone()

    @timeout(state="open")
    def lock(self):
        return next_state("locked")

    @event("state")
    def show(self, current):
        return [current, self.buttons]


def press(*buttons):
    for button in buttons:
        cast("lock", "button", button)


def drive():
    press(1, 2, 3)
    print(call("lock", "state")[1])
    sleep(1.6)
    print(call("lock", "state")[1])
    press(9, 4, 1, 2)
    print(call("lock", "state")[1])
    press(4, 1)  # postponed until it is locked
    sleep(1.0)
    print(call("lock", "state")[1])
    press(2)
    print(call("lock", "state")[1])


Supervisor(modules=[Lock([4, 1, 2]), child(drive, restart="transient", significant=True)])
