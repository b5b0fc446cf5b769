from baseline import counts, settled

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    event,
    next_state,
    postpone,
    run_register_process,
    self_pid,
    sleep,
    timeout,
)


class Machine(GenStateMachine):
    initial_state = "a"

    @event("go", state="a")
    def go(self):
        return next_state("b", timeout=100, timeouts={"x": 100})

    @event("go", state="b")
    def wait(self):
        return postpone()

    @timeout(state="b")
    def first(self):
        pass

    @timeout(name="x")
    def x(self):
        pass

    @event("sleep")
    def rest(self, message):
        sleep(message)
        return b"x" * 5000

    @event("fail")
    def fail(self):
        raise ValueError

    @event("exit")
    def leave(self):
        raise SystemExit


def drive():
    call(run_register_process(child(Machine, restart="temporary")), "exit")
    before = counts()
    for n in range(20):
        machine = run_register_process(child(Machine, restart="temporary"))
        call(machine, "go")
        cast(machine, "go", b"y" * 5000, sender_pid=self_pid())
        call(machine, "sleep", 0.001)
        call(machine, "sleep", 1, timeout=0.01) if n == 3 else None
        if n % 2:
            call(machine, "fail")
        else:
            call(machine, "exit")
    print(settled(before))


Supervisor(modules=[child(drive, restart="transient", significant=True)])
