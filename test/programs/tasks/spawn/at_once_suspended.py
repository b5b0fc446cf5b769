import os

from baseline import counts, settled
from spawn_actors import Owner
from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    exit,
    info,
    receive,
    run_register_process,
    sleep,
    spawn,
    spawn_monitor,
)

run_register_process(Owner)


class Sum(GenPy):
    name = "sum"

    def __init__(self):
        self.n = self.total = 0

    @receive("add")
    def add(self, message):
        self.n += 1
        self.total += message

    @receive("get")
    def get(self):
        return self.n, self.total

    @info()
    def down(self, message):
        assert message.reason == "normal", message
        self.n += 1


class Spawner(Sum):
    name = "spawner"

    @receive("go")
    def go(self, message):
        for n in range(message):
            spawn_monitor(work, n)


def work(n):
    while not gate:
        sleep(1)
    assert call("sum", "add", n, timeout=None)[0]


def threads():
    return len(os.listdir("/proc/self/task"))


def run(start, number):
    gate.clear()
    call("sum", "get")
    call("spawner", "get")
    before, before_threads = counts(), threads()
    start(number)
    wait_until(lambda: counts()["suspended"] - before["suspended"] >= number)
    # On a busy machine jobs seem long, and others take the queue; eight of these stay for later.
    print("suspended", wait_until(lambda: threads() - before_threads <= 10))
    gate.append(True)
    wait_until(lambda: call("sum", "get", timeout=None)[1][0] >= number)
    print(call("sum", "get", timeout=None)[1][1] == sum(range(number)), settled(before))


gate = []
run_register_process(Sum())
run_register_process(Spawner())
run(lambda number: [spawn(work, n) for n in range(number)] and None, 10_000)
exit("sum", "shutdown")
wait_until(lambda: call("sum", "get")[0])
run(lambda number: call("spawner", "go", number, timeout=None), 10_000)
wait_until(lambda: call("spawner", "get", timeout=None)[1][0] >= 10_000)
print(call("spawner", "get", timeout=None)[1])
