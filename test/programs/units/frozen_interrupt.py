"""A unit that takes nothing when it is called, and goes on: what is late there is interrupted."""

import os
import signal
import threading
import time

from waiting import freeze

from rebeam import CallInterrupted, GenPy, Supervisor, call, call_many, child, receive, whereis

LARGE = list(range(400_000))


def compute():
    # Not within the `try`: CPython 3.13 leaves the jump at a loop's end out of the `try` around it.
    end = time.monotonic() + 40
    while time.monotonic() < end:
        pass


class Taker(GenPy):
    interrupted = 0

    @receive("pid")
    def os_pid(self):
        return os.getpid()

    @receive("take")
    def take(self, message):
        return len(message)

    @receive("loop")
    def loop(self):
        try:
            compute()
        except CallInterrupted:
            self.interrupted += 1

    @receive("interrupted")
    def count(self):
        return self.interrupted


def driver():
    taker = whereis("taker")
    stopped = call(taker, "pid")[1]
    for question in (
        lambda: call(taker, "loop", None, 5, interrupt=True)[0].value,
        lambda: call_many([(taker, "loop")], 5, interrupt=True)[0][0].value,
    ):
        freeze(stopped)
        # What the operating system and the connection hold is more than one of these.
        call_many([(taker, "take", LARGE)] * 8, timeout=0.5)
        threading.Timer(0.5, os.kill, (stopped, signal.SIGCONT)).start()
        print(question(), call(taker, "interrupted", timeout=10)[1])


if __name__ == "__main__":
    Supervisor(
        [
            child(Taker(), name="taker", isolation="process"),
            child(driver, restart="transient", significant=True),
        ]
    )
