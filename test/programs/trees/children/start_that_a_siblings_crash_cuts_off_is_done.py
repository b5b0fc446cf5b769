from children_worker import Worker, ids, last, said

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
        sleep(0.3)


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
        while len(ids(sup)) < 2:
            sleep(0.01)
        cast("first", "crash")
        while running.alive():
            sleep(0.01)
        print(ids(sup), said_so.pop(), whereis("first") != first)
        terminate_child("top", sup)
    running = start_child(
        "jobs",
        child(lambda: print(said(lambda: start_child("one", Slow("slow")))), restart="temporary"),
    )
    while not ids("one"):
        sleep(0.01)
    terminate_child("one", "slow")
    while running.alive():
        sleep(0.01)
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
