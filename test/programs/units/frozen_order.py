"""A unit that takes nothing for a while: what is sent to it meanwhile comes in its order, and nobody
who sends waits."""

import os
import signal
import threading
import time

from waiting import freeze

from rebeam import (
    GenPy,
    Supervisor,
    broadcast,
    call,
    call_many,
    cast,
    child,
    info,
    join,
    receive,
    send,
    whereis,
)

LARGE = list(range(400_000))
COUNT = 300


class Taker(GenPy):
    def __init__(self):
        self.seen = []

    @receive("pid")
    def os_pid(self):
        join("takers")
        return os.getpid()

    @receive("take")
    def take(self, message):
        return len(message)

    @receive("number")
    def number(self, message):
        self.seen.append(message)

    @info()
    def value(self, message):
        self.seen.append(message)

    @receive("seen")
    def all_seen(self):
        return self.seen


class Many(GenPy):
    @receive("go")
    def go(self, message):
        call_many([(message, "number", number) for number in range(-COUNT, 0)], timeout=20)

    @receive("over")
    def over(self):
        pass


def numbered(taker, numbers, pause=0.0):
    for number in numbers:
        if number % 3:
            send(taker, number)
        else:
            broadcast("takers", "number", number)
        time.sleep(pause)


def driver():
    taker = whereis("taker")
    stopped = call(taker, "pid")[1]
    freeze(stopped)
    # What the operating system and the connection hold is more than one of these.
    call_many([(taker, "take", LARGE)] * 8, timeout=0.5)
    # It takes nothing before these are sent: who would wait for it would do so for ever.
    numbered(taker, range(COUNT))
    cast("many", "go", taker)
    threading.Timer(0.2, os.kill, (stopped, signal.SIGCONT)).start()
    # Until some of them find it free.
    numbered(taker, range(COUNT, 2 * COUNT), pause=0.003)
    seen = call(taker, "seen", timeout=20)[1]
    numbers = [each for each in seen if each >= 0]
    print(len(numbers), numbers == list(range(2 * COUNT)))
    call("many", "over", timeout=20)
    seen = call(taker, "seen", timeout=20)[1]
    print([each for each in seen if each < 0] == list(range(-COUNT, 0)))


if __name__ == "__main__":
    Supervisor(
        [
            child(Taker(), name="taker", isolation="process"),
            child(Many(), name="many"),
            child(driver, restart="transient", significant=True),
        ]
    )
