import os
import time

from interrupt_actors import last
from waiting import wait_until

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    event,
    run_register_process,
    whereis,
)


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "idle"

    @event("loop")
    def loop(self):
        while True:
            pass

    @event("busy")
    def busy(self, message):
        end = time.monotonic() + message
        while time.monotonic() < end:
            pass
        return "done"

    @event("echo")
    def echo(self, message):
        return message


def spin():
    while True:
        pass


def main():
    run_register_process(Supervisor([Machine], max_restarts=10**6))
    for _ in range(3):
        run_register_process(child(spin))  # so that work waits for its turn
    same = 0
    for n in range(100):
        pid = whereis("machine")
        cast("machine", "busy", 0.01)
        # Its time is over before the work begins, as it begins, or soon after.
        call("machine", "loop", None, 0.008 + n % 8 / 1000, interrupt=True)
        assert wait_until(
            lambda: whereis("machine") and call("machine", "echo", 1) == ("ok", 1), 20
        )
        same += whereis("machine") == pid
    print(0 < same, flush=True)
    os._exit(0)


last(main)
