"""A unit that is stopped, and to which more is on its way than the connection holds."""

import os
import signal
import time

from waiting import freeze

from rebeam import (
    GenPy,
    Supervisor,
    call,
    call_many,
    cast,
    child,
    demonitor,
    is_alive,
    monitor,
    receive,
    register,
    whereis,
    which_children,
)
from rebeam._runtime import rebeam_info

LARGE = list(range(400_000))


class Taker(GenPy):
    @receive("pid")
    def os_pid(self):
        return os.getpid()

    @receive("take")
    def take(self, message):
        return len(message)


class Pusher(GenPy):
    @receive("push")
    def push(self, message):
        return call(message, "take", LARGE, timeout=0.5)[0].value


def timed(limit, question):
    began = time.monotonic()
    try:
        answer = question()
    except Exception as error:
        answer = type(error).__name__
    took = time.monotonic() - began
    print(answer, "in time" if took < limit else f"after {took:.1f} s")


def driver():
    taker = whereis("taker")
    watched = monitor(taker)
    stopped = call(taker, "pid")[1]
    freeze(stopped)
    try:
        # What the operating system and the connection hold is more than one of these.
        timed(12, lambda: [call(taker, "take", LARGE, timeout=0.5)[0].value for _ in range(6)])
        timed(3, lambda: call_many([(taker, "take", LARGE)], timeout=0.5)[0][0].value)
        timed(8, lambda: cast(taker, "take", LARGE))
        timed(8, lambda: monitor(taker))
        timed(8, lambda: demonitor(watched))
        timed(3, lambda: call("pusher", "push", taker)[1])
        timed(8, lambda: is_alive(taker))
        timed(8, lambda: is_alive("taker"))
        timed(4, lambda: whereis("taker") == taker)
        timed(4, lambda: register("taker"))
        timed(4, lambda: len(rebeam_info()["units"]))
        timed(4, lambda: [each[0] for each in which_children("top")])
    finally:
        os.kill(stopped, signal.SIGCONT)
    print(call(taker, "take", LARGE, timeout=60))


if __name__ == "__main__":
    Supervisor(
        [
            child(Taker(), name="taker", isolation="process"),
            child(Pusher(), name="pusher"),
            child(driver, restart="transient", significant=True),
        ],
        name="top",
    )
