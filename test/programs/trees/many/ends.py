import re

from many_worker import Never, Once, Worker
from waiting import wait_until

from rebeam import (
    ONE_FOR_ALL,
    DynamicSupervisor,
    Supervisor,
    call,
    child,
    exit,
    spawn,
    start_child,
    start_children,
    terminate_child,
    whereis,
    which_children,
)

told = []


def said(key, function):
    try:
        told.append((key, len(function())))
    except Exception as error:
        line = str(error).strip().splitlines()[-1]
        told.append((key, f"{type(error).__name__} " + re.sub(r"<[\d.]+>", "PROCESS", line)))


def one(sup, item):
    return [start_child(sup, item)]


def outcome(key):
    return wait_until(lambda: dict(told).get(key))


def drive():
    for sup in ("dynamic", "top"):
        ways = (
            {"many": start_children, "one": one} if sup == "dynamic" else {"many": start_children}
        )
        for way, start in ways.items():
            for end in ("kill", "terminate"):
                for restart in ("permanent", "temporary"):
                    if (sup, end, restart) == ("top", "kill", "permanent"):
                        continue  # its supervisor starts it again, so it begins anew
                    key = sup, way, end, restart
                    item = child(Never(name="never"), id="never", restart=restart)
                    others = [] if way == "one" else [Worker(), Worker()]
                    items = item if way == "one" else [others[0], item, others[1]]
                    before = {each.pid for each in which_children(sup)}
                    spawn(said, key, lambda: start(sup, items))
                    pid = wait_until(lambda: whereis("never"))
                    if end == "kill":
                        exit(pid, "kill")
                    else:
                        terminate_child(sup, pid)
                    print(*key, outcome(key))
                    print({each.pid for each in which_children(sup)} == before, whereis("never"))
    for number, start in enumerate((start_children, one)):
        brief = f"brief{number}"
        spawn(said, brief, lambda: start(brief, Never("n") if start is one else [Never("n")]))
        wait_until(lambda: whereis("n"))
        terminate_child("top", brief)
        print(outcome(brief), whereis("n"))
    # A sibling that crashes has all start again, those that were starting as well.
    together = start_child("top", Supervisor([Worker(7, name="sibling")], strategy=ONE_FOR_ALL))
    spawn(said, "cut off", lambda: start_children(together, [Once("a"), Once("b"), Worker]))
    wait_until(lambda: whereis("a") and whereis("b"))
    call("sibling", "crash")
    print(outcome("cut off"), [each.state for each in which_children(together)])


Supervisor(
    name="top",
    modules=[
        DynamicSupervisor("dynamic", max_restarts=100),
        child(DynamicSupervisor("brief0"), id="brief0"),
        child(DynamicSupervisor("brief1"), id="brief1"),
        child(drive, restart="transient", significant=True),
    ],
    max_restarts=100,
    auto_shutdown="any_significant",
)
