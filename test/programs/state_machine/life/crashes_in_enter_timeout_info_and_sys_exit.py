import sys

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
    info,
    keep_state,
    next_state,
    send,
    timeout,
)


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "a"

    @event("go")
    def go(self, message):
        return next_state(message, "going", timeout=0)

    @enter("enter")
    def fail_there(self):
        raise ValueError("in enter")

    @timeout(state="timeout")
    def fail_then(self):
        raise ValueError("in timeout")

    @timeout()
    def time(self):
        pass

    @timeout(name="x")
    def named(self):
        raise ValueError("in named")

    @event("named")
    def set(self):
        return keep_state(timeouts={"x": 0})

    @info()
    def note(self, message):
        raise ValueError("in info")

    @event("exit")
    def leave(self, message):
        sys.exit(message)


def settle():
    wait_until(lambda: call("machine", "nothing")[0] == Status.ERROR)


def drive():
    for state in ("enter", "timeout"):
        print(call("machine", "go", state))
        settle()
    cast("machine", "named")
    settle()
    send("machine", 1)
    settle()
    print(call("machine", "exit", 3))
    settle()
    print(call("machine", "exit", 0))
    settle()


Supervisor(modules=[Machine, child(drive, restart="transient", significant=True)], max_restarts=10)
