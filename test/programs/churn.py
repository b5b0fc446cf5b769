"""Trees that many change at once, at random, while their actors crash and fail to start: in the
end each child is there once, alive and under its name, and nothing is left of the others
(test/rebeam/trees/children_test.exs)."""

import itertools
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


numbers = itertools.count(NAMES)


def step(chance, sup):
    what = chance.random()
    number = chance.randrange(NAMES)
    if sup == "dynamic":
        # It has no ids: two with one name would take it from each other.
        number = next(numbers) if what < 0.4 else max(0, next(numbers) - number)
    name = f"{sup}-{number}"
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
        assert len(which_children(sup)) <= NAMES or sup == "dynamic"
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
    for _ in range(500):  # the last crashes and restarts
        children = [each for sup in SUPS for each in which_children(sup) if each.pid]
        named = sorted(name for name in registered() if "-" in name)
        if all(map(whole, SUPS)) and sorted(each.id for each in children) == named:
            break
        sleep(0.02)
    else:
        print([(each, whereis(each.id)) for sup in SUPS for each in which_children(sup)], named)
    print("whole")
    for sup in SUPS:
        terminate_child("root", sup)
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
], name="root")
