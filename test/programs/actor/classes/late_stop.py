"""A class gets its @stop when the actor runs already: it counts from the next message on."""

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    child,
    event,
    exit,
    receive,
    start_child,
    stop,
    terminate_child,
)

ends = []


class Plain(GenPy):
    @receive("go")
    def go(self):
        return "went"

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


class Machine(GenStateMachine):
    initial_state = "on"

    @event("go")
    def go(self):
        return "went"

    @event("crash")
    def crash(self):
        raise ValueError("on purpose")


@stop()
def late(self, reason):
    ends.append(reason.strip().splitlines()[-1])


def ended(how, cls):
    cls = type("Late", (cls,), {})
    pid = start_child("all", child(cls, restart="temporary"))
    call(pid, "go")
    cls.late = late
    if how == "crash":
        return call(pid, "crash")[0]
    call(pid, "go")
    call(pid, "go")  # it has come by the process, which knows by now
    if how == "terminate":
        return terminate_child("all", pid)
    return exit(pid, "because")


def main():
    for cls in (Plain, Machine):
        for how in ("crash", "terminate", "exit"):
            ended(how, cls)
            wait_until(lambda: ends)
            print(cls.__name__, how, ends.pop())


if __name__ == "__main__":
    Supervisor(
        [DynamicSupervisor("all"), child(main, restart="transient", significant=True)],
        auto_shutdown="any_significant",
    )
