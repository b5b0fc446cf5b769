from many_worker import Machine, Waits, Worker, forever
from waiting import again, wait_until

from rebeam import (
    DynamicSupervisor,
    ProcessID,
    Supervisor,
    ask,
    call,
    child,
    count_children,
    start_child,
    start_children,
    terminate_child,
    whereis,
    which_children,
)


def items():
    """An iterable that may be gone through once."""
    yield Worker  # alike, one after the other
    yield Worker
    yield Worker(1)
    yield Worker(2)
    yield child(Worker(3), restart="temporary")
    yield Worker(4, name="named")
    yield child(Worker(5), name="other", id="mine")
    yield Machine()
    yield Supervisor([Worker(6, name="inner"), DynamicSupervisor(name="empty")], name="tree")
    yield DynamicSupervisor(name="second")
    yield forever
    yield child(forever, id="named function", restart="temporary")
    yield Waits("first", "last")
    yield Waits("last", "first")


def drive():
    for sup in ("top", "dynamic"):
        pids = start_children(sup, items())
        print(
            len(pids),
            len(set(pids)),
            all(type(each) is ProcessID and each.alive() for each in pids),
        )
        print([ask(each, "number") for each in pids[:7]], ask(pids[7], "state"))
        print(whereis("named") == pids[5], whereis("other") == pids[6], whereis("tree") == pids[8])
        print(
            ask("inner", "number"), count_children("empty")["specs"], whereis("second") == pids[9]
        )
        if sup == "top":
            print([each.id for each in which_children(sup)][-14:])
        call(pids[2], "crash")  # it is started again with what it was made with
        wait_until(lambda: not pids[2].alive())
        call("named", "crash")
        again("named", pids[5])
        active = count_children(sup)["active"]
        call(pids[4], "crash")
        wait_until(lambda: count_children(sup)["active"] == active - 1)
        workers = [each.pid for each in which_children(sup) if each.id.startswith("Worker")]
        print(sorted(ask(each, "number") for each in workers))
        print(start_children(sup, []), start_child(sup, Worker(9)).alive())
        for each in ("named", "other", "tree", "second", "first", "last"):
            terminate_child(sup, whereis(each))


Supervisor(
    name="top",
    modules=[
        DynamicSupervisor("dynamic", max_restarts=100),
        child(drive, restart="transient", significant=True),
    ],
    max_restarts=100,
    auto_shutdown="any_significant",
)
