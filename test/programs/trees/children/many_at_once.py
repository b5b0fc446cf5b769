from children_worker import Worker, last
from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    Supervisor,
    call,
    child,
    count_children,
    registered,
    start_child,
    terminate_child,
)


def work(n):
    def run():
        for i in range(20):
            sup = ("top", "dynamic")[i % 2]
            pid = start_child(sup, Worker(f"w{n}-{i}"))
            assert call(pid, "there") == ("ok", pid)
            if i % 4 < 2:
                terminate_child(sup, pid)

    return run


def drive():
    workers = [start_child("jobs", child(work(n), restart="transient")) for n in range(25)]
    wait_until(lambda: not any(each.alive() for each in workers))
    names = sorted(each for each in registered() if each[0] == "w")
    print(
        len(names), names == sorted(f"w{n}-{i}" for n in range(25) for i in range(20) if i % 4 > 1)
    )
    print(count_children("top"), count_children("dynamic")["active"], count_children("jobs"))


Supervisor(
    name="all",
    modules=[
        Supervisor(name="top"),
        DynamicSupervisor("dynamic"),
        DynamicSupervisor("jobs"),
        last(drive),
    ],
)
