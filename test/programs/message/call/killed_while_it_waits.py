from baseline import counts, settled
from call_actors import Slow
from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    receive,
    run_register_process,
    stop,
    whereis,
)

begun = []


class Waiting(GenPy):
    name = "waiting"

    @receive("wait")
    def wait(self, message):
        begun.append(message)
        if message == "plain":
            sorted([1], key=lambda _: call("slow", "sleep", (1.0, 1)))
        else:
            call("slow", "sleep", (1.0, 1))
        print("not reached")

    @stop()
    def bye(self, reason):
        print("no @stop for what is killed")


run_register_process(Slow())
before = counts()
for how in ("suspended", "plain"):

    def drive():
        cast("waiting", "wait", how)
        wait_until(lambda: how in begun)

    tree = Supervisor(
        modules=[
            child(Waiting(), shutdown="brutal_kill"),
            child(drive, restart="transient", significant=True),
        ]
    )
    done = run_register_process(child(tree, restart="temporary"))
    from rebeam import _trees

    _trees.take_made()
    wait_until(lambda: not done.alive())
    print(how, call("slow", "quick", "fine")[1], whereis("waiting"))
print(settled(before), call("slow", "served")[1])
