"""Trees that many change at once, at random, while their actors crash and fail to start: in the
end each child is there once, alive and under its name, and nothing is left of the others
(test/rebeam/children_test.exs)."""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from baseline import counts, settled
from rebeam import *

JOBS, STEPS, NAMES = 30, 200, 12
SUPS = ("one", "all", "rest", "dynamic")


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @start()
    def boot(self):
        if random.random() < 0.1:
            raise ValueError("no start")
        if random.random() < 0.2:
            sleep(random.random() * 0.005)

    @receive("there")
    def there(self):
        return self_pid()

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @receive("end")
    def end(self, message):
        terminate_child(message, self_pid())


def step(chance, sup):
    name = f"{sup}-{chance.randrange(NAMES)}"
    what = chance.random()
    if what < 0.4:
        restart = chance.choice(("permanent", "transient", "temporary"))
        start_child(sup, child(Worker(name), id=name, restart=restart))
    elif what < 0.55:
        terminate_child(sup, name)
    elif what < 0.65 and sup != "dynamic":
        restart_child(sup, name)
    elif what < 0.75 and sup != "dynamic":
        delete_child(sup, name)
    elif what < 0.85:
        cast(name, "crash")
    elif what < 0.9:
        assert len(which_children(sup)) <= NAMES + JOBS
        assert count_children(sup)["supervisors"] == 0
    elif what < 0.95:
        assert call(name, "end", sup, timeout=60)[0] != "timeout"
    else:
        assert call(name, "there", timeout=60)[0] != "timeout"


def job(seed):
    def run():
        chance = random.Random(seed)
        for _ in range(STEPS):
            try:
                step(chance, chance.choice(SUPS))
            except (LookupError, RuntimeError):  # not there, or there already
                refused.append(True)
        done.append(True)

    return run


done, refused = [], []


def whole(sup):
    """True if each child is alive and has its name, and no id is there twice."""
    children = which_children(sup)
    there = all(each.pid is None or whereis(each.id) == each.pid for each in children)
    ids = [each.id for each in children]
    return there and len(set(ids)) == len(ids) and all(each.pid or sup != "dynamic" for each in children)


def drive():
    before = counts()
    for seed in range(JOBS):
        start_child("jobs", child(job(seed), restart="temporary"))
    while count_children("jobs")["active"]:
        sleep(0.02)
    print("refused", len(refused), "of", JOBS * STEPS, "jobs done", len(done))
    assert len(done) == JOBS
    for _ in range(200):  # the last restarts
        if all(map(whole, SUPS)):
            break
        sleep(0.02)
    children = [each for sup in SUPS for each in which_children(sup) if each.pid]
    named = [name for name in registered() if "-" in name]
    print("whole" if sorted(each.id for each in children) == sorted(named) else (children, named))
    for sup in SUPS:
        for each in which_children(sup):
            terminate_child(sup, each.pid or each.id)
            if sup != "dynamic" and each.id in [left.id for left in which_children(sup)]:
                delete_child(sup, each.id)
    print(settled(before))


# Never given up.
limits = {"max_restarts": 100_000, "max_seconds": 1}
Supervisor([
    Supervisor([], ONE_FOR_ONE, name="one", **limits),
    Supervisor([], ONE_FOR_ALL, name="all", **limits),
    Supervisor([], REST_FOR_ONE, name="rest", **limits),
    DynamicSupervisor("dynamic", **limits),
    DynamicSupervisor("jobs"),
    child(drive, restart="transient", significant=True),
])
