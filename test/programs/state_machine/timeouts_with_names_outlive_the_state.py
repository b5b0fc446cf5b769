import math
import threading

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
    timeout,
)

silent = threading.Event()


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
        silent.set()

    @timeout(name="later")
    def over(self):
        self.log.append("later")

    @event("log")
    def all(self):
        log, self.log = self.log, []
        return log


def drive():
    timers = run_register_process(Timers())

    def log(least):
        seen = []

        def enough():
            seen.extend(call(timers, "log")[1])
            return len(seen) >= least

        wait_until(enough)
        return seen

    def later():
        """What is logged until a timeout is over that is longer than those in question."""
        call(timers, "set", {"later": 1.2})
        return log(1)

    call(timers, "set", {"x": 1.0, "y": 1.5})
    call(timers, "go", "b")
    first = log(3)
    print(sorted(first[:2], key=str), first[2:])
    call(timers, "set", {"x": 1.0, "y": 1.0})
    call(timers, "set", {"x": None, "y": math.inf})
    print(later())
    call(timers, "set", {"x": 1.0})
    call(timers, "set", {"x": 60.0})  # afresh
    print(later())
    call(timers, "set", {"x": 0.1})
    print(log(1))
    call(timers, "state timeout", 0.05)
    print(log(1))
    call(timers, "state timeout", 1.0)
    call(timers, "state timeout", math.inf)
    print(later())
    call(timers, "quiet", 0.05)
    silent.wait()  # without an event, as an event ends it
    print(log(1))
    call(timers, "quiet", 1.0)
    call(timers, "set", {})  # an event: no silence
    print(later())


Supervisor(modules=[child(drive, restart="transient", significant=True)])
