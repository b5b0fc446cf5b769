import math

from waiting import wait_until

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    child,
    event,
    keep_state,
    next_state,
    run_register_process,
    sleep,
    timeout,
)


class Timers(GenStateMachine):
    initial_state = "a"
    states = ("a", "b")

    def __init__(self):
        self.log = []

    @event("set")
    def set(self, message):
        return keep_state(timeouts=message)

    @event("go")
    def go(self, message):
        return next_state(message)

    @event("state timeout")
    def state_timeout(self, message):
        return keep_state(timeout=message)

    @event("quiet")
    def quiet(self, message):
        return keep_state(event_timeout=message)

    @timeout(name="x")
    def x(self, name, current):
        self.log.append([name, current])

    @timeout(name="y", state="b")
    def y(self, **given):
        self.log.append(given)
        return keep_state(timeouts={"x": 0})

    @timeout()
    def own(self, name, current):
        self.log.append([name, current])

    @timeout(event=True)
    def silence(self):
        self.log.append("silence")

    @event("log")
    def all(self):
        log, self.log = self.log, []
        return log


def drive():
    timers = run_register_process(Timers())

    def log(least=0):
        seen = []

        def enough():
            seen.extend(call(timers, "log")[1])
            return len(seen) >= least

        wait_until(enough)
        return seen

    call(timers, "set", {"x": 0.05, "y": 0.3})
    call(timers, "go", "b")
    first = log(3)
    print(sorted(first[:2], key=str), first[2:])
    call(timers, "set", {"x": 0.3, "y": 5})
    call(timers, "set", {"x": None, "y": math.inf})
    sleep(0.5)
    print(log())
    call(timers, "set", {"x": 2.0})
    sleep(1.2)
    call(timers, "set", {"x": 2.0})  # afresh
    sleep(1.2)
    print(log())
    print(log(1))
    call(timers, "state timeout", 0.05)
    print(log(1))
    call(timers, "state timeout", 0.2)
    call(timers, "state timeout", math.inf)
    sleep(0.3)
    print(log())
    call(timers, "quiet", 0.05)
    sleep(0.5)
    call(timers, "quiet", 1.0)
    print(log())  # an event: no silence
    sleep(1.2)
    print(log())


Supervisor(modules=[child(drive, restart="transient", significant=True)])
