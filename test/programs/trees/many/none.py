import re
import threading

from many_worker import Counted, Witness, Worker, forever

from rebeam import (
    DynamicSupervisor,
    Supervisor,
    ask,
    child,
    count_children,
    registered,
    start_children,
    terminate_child,
    whereis,
    which_children,
)


def lines(function):
    try:
        return function()
    except Exception as error:
        notes = getattr(error, "__notes__", [])
        text = str(error).strip().splitlines()
        text = [re.sub(r"<[\d.]+>", "PROCESS", each) for each in text]
        return f"{type(error).__name__}: {text[0]} / {text[-1]} {notes}"


def counts(*sups):
    return [count_children(sup)["specs"] for sup in sups]


def drive():
    before = counts("top", "dynamic", "small")
    for sup in ("top", "dynamic"):
        count = 100 if sup == "top" else 1000
        print(lines(lambda: start_children(sup, [Counted(n, count // 2) for n in range(count)])))
        begun, ended = ask("witness", "all")
        # Those that were at their @start, or about to begin it, were cut off.
        print(counts("top", "dynamic", "small") == before, set(ended) <= set(begun))
    # Nothing is made before all are known.
    bad = [Worker(1, name="never"), forever, 7]
    print(lines(lambda: start_children("dynamic", bad)))
    print(len(start_children("small", bad[:1])))  # which is not used up by that
    terminate_child("small", whereis("never"))
    print(lines(lambda: start_children("dynamic", (1 // 0 for _ in range(2)))))
    taken = [Worker(1, name="never"), Worker(2, name="witness")]
    print(lines(lambda: start_children("dynamic", taken)))
    same = [child(Worker(n), id="same") for n in range(2)]
    print(lines(lambda: start_children("top", same)))
    print(lines(lambda: start_children("small", [Worker] * 4)), counts("small"))
    print(len(start_children("small", [Worker] * 3)))
    print(lines(lambda: start_children("small", [Worker])))
    print(lines(lambda: start_children("nobody", [Worker])))
    print(lines(lambda: start_children("witness", [Worker])))
    print(lines(lambda: start_children(7, [Worker])))
    wanted = child(Worker(), restart="transient", significant=True)
    print(lines(lambda: start_children("dynamic", [Worker, wanted])))
    print(counts("top", "dynamic"), sorted(registered()))
    told = []
    thread = threading.Thread(target=lambda: told.extend(start_children("dynamic", [Worker] * 5)))
    thread.start()
    thread.join()
    print({each.pid for each in which_children("dynamic")} == set(told), len(told))


Supervisor(
    name="top",
    modules=[
        Witness(),
        DynamicSupervisor("dynamic", max_restarts=0),
        DynamicSupervisor("small", max_children=3),
        child(drive, restart="transient", significant=True),
    ],
    max_restarts=0,
    auto_shutdown="any_significant",
)
