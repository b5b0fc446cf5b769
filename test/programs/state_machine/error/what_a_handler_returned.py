from waiting import wait_until

from rebeam import (
    GenStateMachine,
    Status,
    Supervisor,
    call,
    cast,
    child,
    enter,
    event,
    keep_state,
    next_state,
)


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "start"

    @event("nowhere", state="start")
    def nowhere(self):
        return next_state("nowhere")

    @event("timeout", state="end")
    def timeout(self):
        return keep_state(timeout=1)

    @event("there")
    def there(self):
        return next_state("end", timeout=1)

    @event("named")
    def named(self):
        return keep_state(timeouts={"x": 1})

    @event("event")
    def event_timeout(self):
        return keep_state(event_timeout=1)

    @event("cancel")
    def cancel(self):
        return keep_state("cancelled", timeouts={"x": None})

    @event("enter")
    def go(self):
        return next_state("bad")

    @enter("bad")
    def bad(self):
        return next_state("end")

    @event("enter response")
    def go_too(self):
        return next_state("worse")

    @enter("worse")
    def worse(self):
        return keep_state(5)

    @event("unpicklable")
    def unpicklable(self):
        return {"a": lambda: 1}

    @event("state")
    def assign(self):
        self.state = "end"


def drive():
    for subject in ("nowhere", "there", "named", "event", "unpicklable", "state"):
        status, reason = call("machine", subject)
        print(status, reason.strip().splitlines()[-1])
        wait_until(lambda: call("machine", "none")[0] == Status.ERROR)
    print(call("machine", "cancel")[1])
    for subject in ("enter", "enter response"):
        cast("machine", subject)
        status, reason = call("machine", "none")
        print(status, reason.strip().splitlines()[-1])
        wait_until(lambda: call("machine", "none")[0] == Status.ERROR)


Supervisor(modules=[Machine, child(drive, restart="transient", significant=True)], max_restarts=20)
