"""A function that waits on its thread hears of its end there, while the executor has it to do too."""

import sys
import time

from waiting import wait_until

from rebeam import (
    ActorExit,
    GenPy,
    cast,
    child,
    exit,
    is_alive,
    receive,
    run_register_process,
    sleep,
)

ROUNDS = 10
begun = []
heard = []


def waits():
    try:
        try:
            begun.append(True)
            list(map(sleep, [1000]))
        except ActorExit:
            heard.append("once")
            for _ in range(100_000):
                pass
    except ActorExit:
        heard.append("again")


class Ends(GenPy):
    @receive()
    def end(self, message):
        exit(message, "shutdown")


class Works(GenPy):
    """In many short pieces: they leave the thread on which they run to nobody."""

    @receive()
    def work(self):
        end = time.monotonic() + 0.001
        while time.monotonic() < end:
            pass


ends, works = (run_register_process(each) for each in (Ends, Works))
interval = sys.getswitchinterval()
for _ in range(ROUNDS):
    pid = run_register_process(child(waits, restart="temporary"))
    wait_until(lambda: begun)
    time.sleep(0.1)
    sys.setswitchinterval(100)  # who runs goes on until it waits
    cast(ends, "end", pid)
    for _ in range(50):
        cast(works, "work")
    time.sleep(0.0001)
    sys.setswitchinterval(interval)
    wait_until(lambda: not is_alive(pid))
    begun.clear()
print(*heard, sep="\n")
