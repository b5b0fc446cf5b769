import time

from backoff_actors import Worker, crash, last, near, state
from waiting import wait_until

from rebeam import DynamicSupervisor, Supervisor, child, run_register_process, start_child

runs = []


def flaky():
    runs.append(time.monotonic())
    if len(runs) < 4:
        raise ValueError(len(runs))


def drive():
    start_child("top", child(flaky, restart="transient", backoff=0.1))
    start_child("top", child(Worker("a"), backoff=0.2))
    start_child("dynamic", child(Worker("b"), backoff=0.2))
    run_register_process(child(Worker("c"), backoff=0.2))
    print([near(crash(name), 0.2) for name in "abc"])
    wait_until(lambda: len(runs) >= 4)
    print([near(b - a, wanted) for a, b, wanted in zip(runs, runs[1:], (0.1, 0.2, 0.4))])
    wait_until(lambda: state("flaky") == "stopped")
    print(state("flaky"))


Supervisor(name="top", max_restarts=50, modules=[DynamicSupervisor("dynamic"), last(drive)])
