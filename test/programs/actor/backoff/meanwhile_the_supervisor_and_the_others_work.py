import time

from backoff_actors import Worker, crash, last, state
from waiting import wait_until

from rebeam import (
    Supervisor,
    call,
    cast,
    child,
    count_children,
    restart_child,
    start_child,
    terminate_child,
    whereis,
)


def drive():
    print(state("a"), state("b"))
    old = whereis("a")
    cast("a", "crash")
    wait_until(lambda: not old.alive() and state("a") != "running")
    print(call("a", "there"), whereis("a"), state("a"), call("b", "there")[0])
    begin = time.monotonic()
    start_child("top", Worker("c"))
    terminate_child("top", "c")
    print(crash("b") < 60, count_children("top")["active"], time.monotonic() - begin < 60)
    begin = time.monotonic()
    terminate_child("top", "a")
    print(time.monotonic() - begin < 60, state("a"))
    begin = time.monotonic()
    restart_child("top", "a")
    print(time.monotonic() - begin < 60, call("a", "there")[0], state("a"))
    old = whereis("a")
    cast("a", "crash")
    wait_until(lambda: not old.alive() and state("a") != "running")


# The program ends at once, too.
Supervisor(
    name="top",
    modules=[child(Worker("a"), backoff=1000, shutdown="infinity"), Worker("b"), last(drive)],
)
