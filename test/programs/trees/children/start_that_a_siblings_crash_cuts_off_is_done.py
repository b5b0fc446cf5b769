from children_worker import Worker, ids, last, said
from waiting import wait_until

from rebeam import (
    ONE_FOR_ALL,
    REST_FOR_ONE,
    DynamicSupervisor,
    Supervisor,
    cast,
    child,
    sleep,
    start,
    start_child,
    terminate_child,
    whereis,
)


class Slow(Worker):
    @start()
    def boot(self):
        sleep(1)


def job(sup):
    return start_child(
        "jobs",
        child(
            lambda: said_so.append(said(lambda: start_child(sup, Slow("slow"))) == whereis("slow")),
            restart="temporary",
        ),
    )


said_so = []


def drive():
    for sup in ("all", "rest"):
        first = start_child(sup, Worker("first"))
        running = job(sup)
        wait_until(lambda: len(ids(sup)) >= 2)
        cast("first", "crash")
        wait_until(lambda: not running.alive())
        print(ids(sup), said_so.pop(), whereis("first") != first)
        terminate_child("top", sup)
    running = start_child(
        "jobs",
        child(lambda: print(said(lambda: start_child("one", Slow("slow")))), restart="temporary"),
    )
    wait_until(lambda: ids("one"))
    terminate_child("one", "slow")
    wait_until(lambda: not running.alive())
    print(ids("one"))


Supervisor(
    name="top",
    modules=[
        Supervisor(name="one"),
        Supervisor([], ONE_FOR_ALL, name="all"),
        Supervisor([], REST_FOR_ONE, name="rest"),
        DynamicSupervisor("jobs"),
        last(drive),
    ],
)
