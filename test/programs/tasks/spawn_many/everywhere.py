import threading

from baseline import counts, settled
from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    exit,
    receive,
    self_pid,
    sleep,
    spawn_many,
    start_children,
)


class Sum(GenPy):
    """In whatever unit the functions are."""

    name = "sum"

    def __init__(self):
        self.sum = self.count = 0
        self.seen = []

    @receive("add")
    def add(self, message, source):
        self.sum += message
        self.count += 1
        self.seen.append(source)

    @receive("all")
    def all(self):
        return self.sum, self.count, len(set(self.seen))


def add(number):
    cast("sum", "add", number, sender_pid=self_pid())


def change(numbers):
    numbers.append(3)
    sleep(0.01)  # it is suspended, as every other function is
    cast("sum", "add", sum(numbers), sender_pid=self_pid())


def said(function):
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Starter(GenPy):
    @receive("go")
    def go(self):
        return go()


def go():
    before = call("sum", "all")[1]
    pids = spawn_many(add, (n for n in range(3000)))
    lists = [[n] for n in range(100)]
    more = spawn_many(change, lists)
    total, count, different = wait_until(
        lambda: (now := call("sum", "all")[1])[1] >= before[1] + 3100 and now
    )
    wait_until(lambda: not any(each.alive() for each in pids + more))
    print(total - before[0], count - before[1], different - before[2], len(set(pids + more)))
    print(lists == [[n] for n in range(100)], spawn_many(add, []))
    waiting = spawn_many(sleep, [1000, 1000])
    for each in waiting:
        exit(each, "shutdown")
    wait_until(lambda: not any(each.alive() for each in waiting))


def drive():
    for function in (lambda: spawn_many(7, [1]), lambda: spawn_many(Sum, [1])):
        print(said(function))
    print(said(lambda: spawn_many(add, (1 // 0 for _ in range(1)))))
    print(said(lambda: spawn_many(add, 5)))
    before = counts()
    go()
    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    print(settled(before))
    starters = start_children("pool", [Starter, child(Starter, thread="dedicated")])
    print([call(each, "go", timeout=60)[0] for each in starters])


Supervisor(
    name="top",
    modules=[
        Sum(),
        DynamicSupervisor(name="pool"),
        child(drive, restart="transient", significant=True),
    ],
    auto_shutdown="any_significant",
)
