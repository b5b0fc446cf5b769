from baseline import counts, settled
from call_actors import Slow

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    receive,
    run_register_process,
    sleep,
    stop,
    whereis,
)


class Waiting(GenPy):
    name = "waiting"

    @receive("wait")
    def wait(self, message):
        if message == "plain":
            sorted([1], key=lambda _: call("slow", "sleep", (0.2, 1)))
        else:
            call("slow", "sleep", (0.2, 1))
        print("not reached")

    @stop()
    def bye(self, reason):
        print("no @stop for what is killed")


def drive():
    pass


run_register_process(Slow())
before = counts()
for how in ("suspended", "plain"):

    def drive():
        cast("waiting", "wait", how)
        sleep(0.05)

    tree = Supervisor(
        modules=[
            child(Waiting(), shutdown="brutal_kill"),
            child(drive, restart="transient", significant=True),
        ]
    )
    done = run_register_process(child(tree, restart="temporary"))
    from rebeam import _supervisor

    _supervisor.take_made()
    while done.alive():
        sleep(0.01)
    print(how, call("slow", "quick", "fine")[1], whereis("waiting"))
print(settled(before), call("slow", "served")[1])
