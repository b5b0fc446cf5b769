from waiting import wait_until

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
    timeout,
)


class Lock(GenStateMachine):
    name = "lock"
    initial_state = "locked"

    def __init__(self, code):
        self.code = code
        self.buttons = []
        self.log = []

    @enter("locked")
    def locked(self):
        self.buttons = []
        self.log.append("locked")

    @event("button", state="locked")
    def press(self, message):
        self.buttons = [*self.buttons, message][-len(self.code) :]
        self.log.append(self.buttons)
        if self.buttons == self.code:
            return next_state("open", timeout=1.0)
        return keep_state(timeout=2.0)

    @timeout(state="locked")
    def clear(self):
        self.buttons = []
        self.log.append("cleared")

    @enter("open")
    def opened(self):
        self.log.append("open")

    @event("button", state="open")
    def keep(self):
        return postpone()

    @timeout(state="open")
    def lock(self):
        return next_state("locked")

    @event("log")
    def show(self, message):
        return self.log[message:]


def press(*buttons):
    for button in buttons:
        cast("lock", "button", button)


def drive():
    seen = 0

    def until(last):
        def log():
            done = call("lock", "log", seen)[1]
            return last in done and done

        return wait_until(log)

    for buttons, last in (
        ([1, 2, 3], "cleared"),
        ([9, 4, 1, 2, 4, 1], [4, 1]),  # the last two are postponed until it is locked
        ([2], "open"),
    ):
        press(*buttons)
        done = until(last)
        print(done)
        seen += len(done)


Supervisor(modules=[Lock([4, 1, 2]), child(drive, restart="transient", significant=True)])
