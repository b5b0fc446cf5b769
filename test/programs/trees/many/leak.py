from baseline import counts, settled
from many_worker import Counted, Witness, Worker, done
from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    Supervisor,
    ask,
    child,
    count_children,
    start_child,
    start_children,
    terminate_child,
)


def tried(function):
    try:
        return function()
    except RuntimeError:
        return []


def drive():
    before = counts()
    for sup in ("dynamic", "static"):
        for _ in range(3):
            some = start_children(sup, [Worker] * 500 + [Worker(n) for n in range(500)])
            assert sum(ask(each, "number") for each in some) == sum(range(500))
            tried(lambda: start_children(sup, [Counted(n, 400) for n in range(500)]))
            tried(lambda: start_child(sup, Counted(1, 1)))
            one = start_child(sup, Worker)
            functions = start_children(sup, [child(done, restart="temporary")] * 100)
            wait_until(lambda: not any(each.alive() for each in functions))
            assert count_children(sup)["active"] == 1001
            for each in [*some, one]:
                terminate_child(sup, each)
    terminate_child("top", "static")  # which keeps the specifications of its children
    ask("witness", "all")
    print(settled(before, cycles=True))


Supervisor(
    name="top",
    modules=[
        Witness(),
        DynamicSupervisor("dynamic", max_restarts=0),
        child(Supervisor(name="static", max_restarts=0), id="static", restart="temporary"),
        child(drive, restart="transient", significant=True),
    ],
    max_restarts=0,
    auto_shutdown="any_significant",
)
