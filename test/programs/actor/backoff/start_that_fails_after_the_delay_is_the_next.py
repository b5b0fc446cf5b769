import time

from backoff_actors import last, near, state
from waiting import wait_until

from rebeam import GenPy, Supervisor, cast, child, receive, start, start_child

times = []


class Late(GenPy):
    @start()
    def boot(self):
        times.append(time.monotonic())
        if 1 < len(times) < 4:
            raise ValueError("not yet")

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


def drive():
    pid = start_child("top", child(Late, backoff=0.1, id="late"))
    cast(pid, "crash")
    wait_until(lambda: len(times) >= 4)
    print([near(b - a, wanted) for a, b, wanted in zip(times, times[1:], (0.1, 0.2, 0.4))])
    wait_until(lambda: state("late") == "running")
    print(state("late"))


Supervisor(name="top", max_restarts=3, max_seconds=1000, modules=[last(drive)])
