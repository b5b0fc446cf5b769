"""N actors, all suspended at once in a call three functions deep."""

import os
import sys
import time

from baseline import counts, settled

from rebeam import GenPy, call, cast, child, receive, run_register_process, sleep
from rebeam._runtime import rebeam_info


class Gate(GenPy):
    """Answers nobody before the door is open."""

    def __init__(self):
        self.name = "gate"
        self.open = False

    @receive("enter")
    def enter(self, message):
        if not self.open:
            call("door", "wait", timeout=None)
            self.open = True
        return message * 2


class Door(GenPy):
    """Opens when as many are suspended as it was told."""

    def __init__(self, number):
        self.name = "door"
        self.number = number
        self.most = 0

    @receive("wait")
    def wait(self):
        while self.most < self.number:
            sleep(0.05)
            self.most = max(self.most, rebeam_info()["suspended"])
        self.threads = threads()

    @receive("seen")
    def seen(self):
        return self.most, self.threads


class Asker(GenPy):
    def __init__(self, number):
        self.number = number

    @receive("go")
    def go(self):
        cast("sum", "add", self.one())
        sys.exit(0)

    def one(self):
        return two(self.number) + 1


def two(number):
    return [three(each) for each in [number]][0]


def three(number):
    status, response = call("gate", "enter", number, timeout=None)
    assert status, response
    return response


class Sum(GenPy):
    def __init__(self):
        self.name = "sum"
        self.count = self.sum = 0

    @receive("add")
    def add(self, message):
        self.count += 1
        self.sum += message

    @receive("get")
    def get(self):
        return self.count, self.sum


def threads():
    return len(os.listdir("/proc/self/task"))


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main():
    number = int(sys.argv[1])
    for each in (Gate(), Door(number), Sum()):
        run_register_process(each)
    call("sum", "get")
    before, before_memory, before_threads = counts(), memory(), threads()
    askers = [run_register_process(child(Asker(n), restart="temporary")) for n in range(number)]
    for each in askers:
        cast(each, "go")
    del askers, each
    while call("sum", "get", timeout=None)[1][0] < number:
        time.sleep(0.05)
    count, total = call("sum", "get")[1]
    most, then_threads = call("door", "seen")[1]
    print("answered", count)
    print("sum", total)
    print("suspended", most)
    # A worker more or less, as its monitor sees fit, but none for an actor.
    grown = then_threads - before_threads
    print("threads", "constant" if grown <= 4 else f"{before_threads}, then {then_threads}")
    print("bytes", (memory() - before_memory) // number)
    print(settled(before, 60))


main()
