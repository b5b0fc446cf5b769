import asyncio
import threading

from interrupt_actors import Base, free, last
from waiting import wait_until

from rebeam import (
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    call_async,
    cast,
    event,
    receive,
    run_register_process,
    whereis,
)

over = []


class Target(Base):
    @receive("loop")
    def loop(self):
        while True:
            pass


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "idle"

    @event("loop")
    def loop(self):
        while True:
            pass

    @event("swallow")
    def swallow(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

    @event("busy")
    def busy(self):
        while not over:
            pass

    @event("echo")
    def echo(self, message):
        return message


class Asker(GenPy):
    @receive("both")
    async def both(self):
        return await asyncio.gather(
            call_async("target", "loop", timeout=0.5, interrupt=True),
            call_async("target", "echo", 1, timeout=60),
        )


def again(name):
    return wait_until(lambda: call(name, "echo", 1) == ("ok", 1))


def main():
    run_register_process(Supervisor([Target, Machine], max_restarts=100))
    print(again("target"), again("machine"))
    asker = run_register_process(Asker)
    (status, _), (behind, reason) = call(asker, "both", timeout=60)[1]
    print(status, behind, reason.strip().splitlines()[-1], again("target"), flush=True)
    thread = threading.Thread(target=call, args=("target", "loop", None, 0.2, True))
    thread.start()
    thread.join()
    print(again("target"), free(), flush=True)
    for subject in ("loop", "swallow"):
        print(call("machine", subject, timeout=0.2, interrupt=True), again("machine"), free())
    pid = whereis("machine")
    cast("machine", "busy")
    print(call("machine", "loop", timeout=0.1, interrupt=True), end=" ")
    over.append(True)
    print(again("machine"), flush=True)
    print(whereis("machine") == pid)


last(main)
