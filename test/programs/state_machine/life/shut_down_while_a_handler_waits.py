from waiting import wait_until

from rebeam import (
    ActorExit,
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    child,
    event,
    receive,
    run_register_process,
    sleep,
    start,
    stop,
)

begun = set()


class Machine(GenStateMachine):
    initial_state = "idle"

    def __init__(self, name, wait):
        self.name = name
        self.wait = wait

    @event("wait")
    def rest(self, source):
        try:
            begun.add(self.name)
            if self.wait == "sleep":
                sleep(1000)
            elif self.wait == "call":
                call("hole", "fall", timeout=None)
            elif self.wait == "thread":
                sorted([1, 2], key=lambda n: sleep(1000))
            else:
                run_register_process(child(Machine("never", "start")))
        except ActorExit:
            print(self.name, "exit", flush=True)
            if self.wait == "call":
                return "answered"
            raise
        finally:
            print(self.name, "finally", flush=True)

    @start()
    def begin(self):
        if self.wait == "start":
            begun.add(self.name)
            sleep(1000)

    @stop()
    def bye(self, reason):
        sleep(0.01)
        print(self.name, "stop", reason, flush=True)


class Quiet(Machine):
    @stop()
    def bye(self, reason):
        pass


class Hole(GenPy):
    name = "hole"

    @receive("fall")
    def fall(self):
        sleep(1000)


def ask(name):
    def run():
        print(name, "told", *call(name, "wait", timeout=None), flush=True)

    return child(run, id="ask " + name, restart="temporary")


def drive():
    for name in ("a", "b", "c", "d"):
        run_register_process(ask(name))
    wait_until(lambda: begun == {"a", "b", "c", "d", "never"})
    print("end", flush=True)


Supervisor(
    modules=[
        Hole,
        Machine("a", "sleep"),
        Machine("b", "call"),
        Machine("c", "thread"),
        Machine("d", "operation"),
        child(drive, restart="transient", significant=True),
    ]
)
