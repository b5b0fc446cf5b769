import asyncio
import socket

from baseline import counts, settled
from dedicated_actors import Echo, last, threads
from interrupt_actors import interrupt
from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    exit,
    receive,
    run_register_process,
    sleep,
    whereis,
)
from rebeam._runtime import rebeam_info

begun = []
ours, theirs = socket.socketpair()


class Actor(GenPy):
    name = "actor"

    @receive("loop")
    def loop(self):
        while True:
            pass

    @receive("swallow")
    def swallow(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

    @receive("sleep")
    def sleeps(self):
        sleep(100)

    @receive("thread")
    def thread(self):
        list(map(sleep, [100]))

    @receive("run")
    def run(self):
        async def wait():
            sleep(100)

        asyncio.run(wait())

    @receive("stuck")
    def stuck(self, message):
        begun.append(message)
        theirs.recv(1)
        cast("echo", "from the dead")

    @receive("crash")
    def crash(self):
        raise SystemExit

    @receive("echo")
    def echo(self, message):
        return message


def gone():
    return wait_until(lambda: rebeam_info()["dedicated"] == 1 and rebeam_info()["abandoned"] == 0)


def again(before):
    return (
        wait_until(lambda: whereis("actor") not in (None, before)) and call("actor", "echo", 1)[1]
    )


def main():
    run_register_process(Echo)
    item = child(Actor, thread="dedicated", shutdown="brutal_kill")
    run_register_process(Supervisor([item], max_restarts=10**6))
    before, running = counts(), threads()
    for n in range(100):
        pid = whereis("actor")
        cast("actor", "crash")
        again(pid)
    print(gone(), settled(before), flush=True)
    for subject in ("loop", "swallow", "sleep", "thread", "run"):
        pid = whereis("actor")
        cast(pid, subject)
        sleep(0.1)
        exit(pid, "kill")
        print(subject, again(pid), gone(), flush=True)
    for subject in ("loop", "swallow", "sleep", "thread", "run"):
        pid = whereis("actor")
        interrupt(pid, subject, None, 0.1)
        print(subject, again(pid), gone(), flush=True)
    pid = whereis("actor")
    cast(pid, "stuck", 1)
    wait_until(lambda: begun)
    exit(pid, "kill")
    print(again(pid), rebeam_info()["dedicated"], rebeam_info()["abandoned"])
    ours.send(b"x")
    print(gone(), settled(before), threads() <= running + 3)


last(main)
