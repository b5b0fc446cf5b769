from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    exit,
    is_alive,
    receive,
    run_register_process,
)
from rebeam._runtime import rebeam_info


def free():
    return wait_until(lambda: rebeam_info()["detached"] == rebeam_info()["abandoned"] == 0)


class Sink(GenPy):
    name = "sink"

    def __init__(self):
        self.got = []

    @receive("note")
    def note(self, message):
        self.got.append(message)

    @receive("got")
    def all(self):
        return sorted(self.got)


class Busy(GenPy):
    def __init__(self, work):
        self.work = work

    @receive("go")
    def go(self):
        cast("sink", "note", "begun")
        self.work()


def begin(work, count=3):
    pids = [run_register_process(child(Busy(work), restart="temporary")) for _ in range(count)]
    for pid in pids:
        cast(pid, "go")
    assert wait_until(lambda: call("sink", "got")[1].count("begun") == count)
    return pids


def kill(pids):
    for pid in pids:
        exit(pid, "kill")
        assert wait_until(lambda: not is_alive(pid))


def last(function):
    Supervisor(modules=[child(function, restart="transient", significant=True)])
