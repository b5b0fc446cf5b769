from rebeam import (
    GenStateMachine,
    enter,
    event,
    next_state,
    postpone,
    response_error,
    response_ok,
    timeout,
    whereis,
)


class Door(GenStateMachine):
    initial_state = "locked"

    def __init__(self, name="door"):
        self.name = name
        self.entered = []

    @event("push", state="unlocked")
    def pass_through(self, message):
        return next_state("locked", response_ok(["through", message]))

    @event("push", state="locked")
    def refused(self):
        return response_error("locked")

    @event("coin", state="locked")
    def unlock(self, message):
        return next_state("unlocked", timeout=message)

    @event("later", state="locked")
    def hold(self):
        return postpone()

    @event("later", state="unlocked")
    def now(self, message):
        return message

    @event("look")
    def look(self, source, subject, current, status):
        return [self.state, current, subject, status, source == whereis("drive")]

    @event("history")
    def history(self):
        return self.entered

    @timeout(state="unlocked")
    def relock(self):
        return next_state("locked")

    @enter("locked")
    def lock(self, previous, current):
        self.entered.append([previous, current])
