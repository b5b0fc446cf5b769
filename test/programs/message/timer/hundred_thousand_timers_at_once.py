import os

from baseline import counts, settled
from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    cancel_timer,
    receive,
    run_register_process,
    send_after,
    send_interval,
    sleep,
)


class Counter(GenPy):
    name = "counter"

    def __init__(self):
        self.number = self.total = 0

    @receive("add")
    def add(self, message):
        self.number += 1
        self.total += message

    @receive("get")
    def get(self):
        return self.number, self.total


class Starter(GenPy):
    @receive("start")
    def begin(self, message):
        how, seconds, target, number = message
        self.timers = [how(seconds, target, "add", n) for n in range(number)]
        return len(set(self.timers))

    @receive("cancel")
    def cancel(self):
        return sum(cancel_timer(each) is not None for each in self.timers)


N = 100_000


def threads():
    return len(os.listdir("/proc/self/task"))


def wait(number):
    wait_until(lambda: call("counter", "get", timeout=30)[1][0] >= number)
    sleep(0.05)
    return call("counter", "get", timeout=30)[1]


counter = run_register_process(Counter)
starter = run_register_process(Starter)
before, threads_before = counts(), threads()
total = N * (N - 1) // 2
for target in (counter, "counter"):
    print(call(starter, "start", (send_after, 1, target, N), timeout=60)[1] == N)
print(wait(2 * N) == (2 * N, 2 * total))
for how in (send_after, send_interval):
    for target in (counter, "counter"):
        call(starter, "start", (how, 1000, target, N // 10), timeout=60)
        print(call(starter, "cancel", timeout=60)[1])
print(call("counter", "get")[1] == (2 * N, 2 * total), threads() - threads_before < 10)
print(settled(before))
