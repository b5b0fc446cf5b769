from waiting import wait_until

from rebeam import (
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    enter,
    event,
    next_state,
    receive,
    register,
    run_register_process,
    sleep,
    timeout,
    unregister,
)
from rebeam._runtime import rebeam_info

asked, worked = [], []


class Slow(GenPy):
    name = "slow"

    @receive("double")
    def double(self, message):
        asked.append(message)
        sleep(1.0)
        return message * 2


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "idle"

    def __init__(self):
        self.log = []

    @enter("busy")
    def entered(self):
        sleep(0.01)
        self.log.append("entered")

    @event("work", state="idle")
    def work(self, message):
        self.log.append("begin")
        with self:
            results = [call("slow", "double", n)[1] for n in message]
        self.log.append("end")
        return next_state("busy", results, timeout=0)

    def __enter__(self):
        sleep(0.01)

    def __exit__(self, *error):
        register("while it works")
        unregister("while it works")

    @timeout(state="busy")
    def rest(self):
        self.log.append("timeout")
        return next_state("idle")

    @event("note", state="idle")
    def note(self, message):
        self.log.append(message)
        return list(self.log)


def work():
    print(call("machine", "work", [1, 2]), flush=True)
    worked.append(True)


def drive():
    run_register_process(child(work, restart="temporary"))
    wait_until(lambda: asked)
    info = rebeam_info()
    print(info["blocked"], info["suspended"] >= 2)
    cast("machine", "note", "first")
    print(call("machine", "note", "late", timeout=0.1))
    print(call("slow", "double", 5, timeout=60))  # the others go on meanwhile
    noted = call("machine", "note", "second", timeout=60)
    wait_until(lambda: worked)
    print(noted)
    print(call("machine", "note", "third")[0])


Supervisor(modules=[Slow, Machine(), child(drive, restart="transient", significant=True)])
