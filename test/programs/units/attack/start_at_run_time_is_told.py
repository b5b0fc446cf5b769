import os

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    count_children,
    receive,
    sleep,
    spawn,
    start,
    start_child,
)


class Slow(GenPy):
    def __init__(self, seconds):
        self.seconds = seconds

    @start()
    def begin(self):
        sleep(self.seconds)

    @receive("pid")
    def pid(self):
        return os.getpid()


def ask():
    cast("told", "add", call(start_child("all", child(Slow(2), isolation="process")), "pid")[1])


class Told(GenPy):
    def __init__(self):
        self.pids = []

    @receive("add")
    def add(self, message):
        self.pids.append(message)

    @receive("all")
    def all(self):
        return self.pids


def main():
    lost = call(start_child("all", child(Slow(0), isolation="process")), "pid")[1]
    for _ in range(4):
        spawn(ask)
    sleep(1)
    os.kill(lost, 9)
    wait_until(lambda: len(call("told", "all")[1]) == 4)
    print(lost in call("told", "all")[1], count_children("all")["active"])


if __name__ == "__main__":
    Supervisor(
        [
            DynamicSupervisor(name="all"),
            child(Told(), name="told"),
            child(main, restart="transient", significant=True),
        ]
    )
