"""Processes in argv[1] that register, die and are looked up at random: argv[2] at a time, for argv[3]
seconds. No name of one that is known to be dead may be answered, and each has to be free at once."""

import random
import sys
import time

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    GlobalName,
    Registry,
    Supervisor,
    Via,
    call,
    child,
    exit,
    is_alive,
    receive,
    register,
    register_global,
    registered,
    run_register_process,
    start,
    start_child,
    whereis,
    whereis_global,
)

ISOLATION, POPULATION, SECONDS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
DRIVERS = 4

unique = Registry("unique")
spread = Registry("spread", partitions=4)
common = Registry("common", keys="duplicate")


class Worker(GenPy):
    """Has all kinds of names; in the cluster only some, as all nodes have to agree there."""

    def __init__(self, slot):
        self.slot = slot

    @start()
    def begin(self):
        register(f"worker {self.slot}")
        unique.register(self.slot, self.slot)
        spread.register(("slot", self.slot), self.slot)
        common.register(self.slot % 10, self.slot)
        if self.slot % 100 == 0:
            register_global(f"worker {self.slot}")

    @receive("slot")
    def tell(self):
        return self.slot

    @receive("leave")
    def leave(self):
        unique.unregister(self.slot)
        sys.exit()


class Driver(GenPy):
    """Ends and starts the workers of every fourth slot, and looks at those of all."""

    def __init__(self, number):
        self.random = random.Random(number)
        self.slots = range(number, POPULATION, DRIVERS)
        self.dead, self.wrong = set(), []
        self.deaths = self.looks = 0

    @receive("fill")
    def fill(self, message):
        for slot in self.slots:
            start_child(message, worker(slot))

    @receive("churn")
    def churn(self, message):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.replace(message, self.random.choice(self.slots))
            for _ in range(5):
                self.look(self.random.randrange(POPULATION))
        return self.deaths, self.looks, self.wrong

    def replace(self, sup, slot):
        pid = whereis(f"worker {slot}")
        if self.random.random() < 0.5:
            exit(pid, "kill")
        else:
            call(pid, "leave")
        while is_alive(pid):
            time.sleep(0)
        self.dead.add(pid)
        self.deaths += 1
        self.look(slot)
        start_child(sup, worker(slot))
        if unique.lookup(slot) != [(whereis(f"worker {slot}"), slot)]:
            self.wrong.append(("not there", slot))

    def look(self, slot):
        self.looks += 1
        found = [whereis(f"worker {slot}"), whereis_global(f"worker {slot}")]
        for registry, key in ((unique, slot), (spread, ("slot", slot)), (common, slot % 10)):
            if registry is not common or self.looks % 100 == 0:
                found += [pid for pid, _ in registry.lookup(key)]
        self.wrong += [("stale", slot, pid) for pid in found if pid in self.dead]
        for target in (Via(unique, slot), GlobalName(f"worker {slot}"), f"worker {slot}"):
            status, answer = call(target, "slot")
            if status == "ok" and answer != slot:
                self.wrong.append(("another's", target, answer))


def worker(slot):
    return child(Worker(slot), restart="temporary", isolation=ISOLATION)


def main():
    sup = run_register_process(DynamicSupervisor())
    drivers = [run_register_process(Driver(number)) for number in range(DRIVERS)]
    ask_all(drivers, "fill", sup)
    print(counts())
    results = ask_all(drivers, "churn", sup)
    print("wrong", [wrong for *_, all_wrong in results for wrong in all_wrong][:10])
    print(counts(), file=sys.stderr)
    deaths, looks = (sum(column) for column in list(zip(*results, strict=True))[:2])
    print(f"{ISOLATION}: {deaths} deaths, {looks} looks", file=sys.stderr)
    for slot in range(POPULATION):
        exit(f"worker {slot}", "kill")
    wait_until(lambda: counts() == [0, 0, 0, 0, 0], seconds=60)
    print(counts(), unique.keys(), spread.keys(), common.keys(), registered("cluster"))


def ask_all(drivers, subject, sup):
    from rebeam import call_many

    answers = call_many([(each, subject, sup) for each in drivers], timeout=None)
    for status, answer in answers:
        if status != "ok":
            raise RuntimeError(answer)
    return [answer for _, answer in answers]


def counts():
    return [
        sum(name.startswith("worker") for name in registered()),
        unique.count(),
        spread.count(),
        common.count(),
        len(registered("cluster")),
    ]


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
