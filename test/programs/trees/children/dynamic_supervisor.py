from children_worker import Worker, ids, last, said
from waiting import again

from rebeam import (
    DynamicSupervisor,
    Supervisor,
    call,
    child,
    count_children,
    delete_child,
    restart_child,
    sleep,
    start_child,
    terminate_child,
    whereis,
    which_children,
)


def forever():
    sleep(1000)


def drive():
    print(which_children("dynamic"), count_children("dynamic"))
    a = start_child("dynamic", Worker("a"))
    start_child("dynamic", forever)
    b = start_child("dynamic", Supervisor([Worker("b")]))
    print([each[0] for each in which_children("dynamic")], count_children("dynamic"))
    text = said(lambda: start_child("dynamic", Worker("c")))
    print(text.replace(str(whereis("dynamic")), "DYNAMIC"), whereis("c"))
    terminate_child("dynamic", "forever")
    start_child("dynamic", Worker("c"))
    call("a", "crash")
    again("a", a)
    print(sorted(ids("dynamic")), said(lambda: terminate_child("dynamic", a))[:22])
    for verb in (restart_child, delete_child):
        print(said(lambda: verb("dynamic", "c")).split(":")[-1])
    terminate_child("dynamic", "c")
    start_child("dynamic", child(Worker("same"), id="a"))
    print(said(lambda: terminate_child("dynamic", "a")))
    print(
        said(
            lambda: start_child("dynamic", child(Worker(), restart="transient", significant=True))
        )[-39:]
    )
    terminate_child("top", "dynamic")
    print(whereis("a"), whereis("b"), said(lambda: which_children("dynamic")))


Supervisor(name="top", modules=[DynamicSupervisor(name="dynamic", max_children=3), last(drive)])
