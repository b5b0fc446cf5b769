"""Splits, heals, kills and freezes a cluster at random, and checks what it did with names and sets.

    mix rebeam.run test/cluster/check.py [--seed N] [--rounds N] [--nodes N] [--seconds S] [--no-kills]
    python3 test/cluster/check.py --namespaces ...        as root: each node in a network of its own

A round is one cluster and one seed, which is printed: the same seed makes the same faults at the
same times. It ends with status 1 if anything is wrong.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time

import history
import networks


class Faults:
    """What happens to the nodes of one round."""

    def __init__(self, network, chance, kills):
        self.network, self.chance, self.kills = network, chance, kills
        self.nodes = network.nodes
        self.killed, self.frozen = [], []

    def next(self):
        kinds = [self.halves, self.alone, self.half_open, self.bridge, self.slow, self.freeze]
        if self.kills:
            kinds.append(self.kill)
        return self.chance.choice(kinds)()

    def cut(self, some, others, one_way=False, closed=False):
        self.network.cut(some, others, one_way, closed)

    def halves(self):
        some = self.some(len(self.nodes) // 2)
        closed = self.chance.random() < 0.3
        self.cut(some, self.others(some), closed=closed)
        return f"{show(some)} apart from the others{' (connections closed)' if closed else ''}"

    def alone(self):
        some = self.some(1)
        self.cut(some, self.others(some))
        return f"{show(some)} alone"

    def half_open(self):
        some = self.some(self.chance.randint(1, len(self.nodes) // 2))
        self.cut(some, self.others(some), one_way=True)
        return f"what {show(some)} say does not arrive"

    def bridge(self):
        middle, *others = self.some(len(self.nodes))
        half = len(others) // 2
        self.cut(others[:half], others[half:])
        return f"{show(others[:half])} and {show(others[half:])} only see {middle}"

    def slow(self):
        some = self.some(self.chance.randint(1, len(self.nodes) - 1))
        seconds = self.chance.choice([0.05, 0.2, 0.4])
        self.network.slow(some, self.others(some), seconds)
        return f"{show(some)} reach the others {seconds} s later"

    def freeze(self):
        some = self.some(self.chance.randint(1, len(self.nodes) // 2))
        self.network.freeze(some)
        self.frozen += some
        return f"{show(some)} frozen"

    def kill(self):
        some = self.some(self.chance.randint(1, len(self.nodes) // 2))
        self.network.kill(some)
        self.killed += some
        return f"{show(some)} killed"

    def mend(self):
        self.network.thaw(self.frozen)
        self.network.heal()
        self.network.restart(self.killed)
        self.killed, self.frozen = [], []

    def some(self, count):
        return self.chance.sample(self.nodes, count)

    def others(self, some):
        return [each for each in self.nodes if each not in some]


def show(some):
    return ", ".join(sorted(some))


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not (result := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return result


def play(seed, options, folder):
    chance = random.Random(seed)
    kills = not options.no_kills and chance.random() < 0.5
    started = time.monotonic()
    kind = networks.Namespaces if options.namespaces else networks.Loopback
    network = kind(options.nodes, folder, options.log_level)
    try:
        if not until(lambda: agreed(network, folder), 60):
            return ["no cluster came about"]
        faults = Faults(network, chance, kills)
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            for _ in range(chance.randint(1, 2)):
                print(f"  {time.monotonic() - started:6.1f} {faults.next()}", flush=True)
            time.sleep(chance.choice([chance.uniform(1.0, 5.0), options.longest]))
            faults.mend()
            print(f"  {time.monotonic() - started:6.1f} mended", flush=True)
            time.sleep(chance.uniform(0.5, 4.0))
        found = settle(network, folder)
    finally:
        network.end()
    return judge(*found, kills, folder)


def reports(folder, since):
    """What each node has written since then of who has which name, and of the bag."""
    found = []
    for name in sorted(os.listdir(folder)):
        if name.startswith("report-") and not name.endswith(".new"):
            with open(os.path.join(folder, name)) as file:
                report = json.load(file)
            if report["at"] > since:
                found.append(report)
    return found


def agreed(network, folder):
    """Whether all nodes see the same holders of the names that last."""
    since = time.monotonic_ns() - 5 * 10**9
    found = reports(folder, since)
    seen = [[report["seen"][name] for name in ("keeper", "bag")] for report in found]
    same = len(seen) == len(network.nodes) and all(each == seen[0] for each in seen)
    return same and all(seen[0]) and all(each["bag"] is not None for each in found)


def settle(network, folder):
    """What is wrong with who has which name, and what the sets had answered for and have."""
    wrong = []
    if not until(lambda: agreed(network, folder), 30):
        seen = [report["seen"] for report in reports(folder, 0)]
        wrong.append(f"no one holder of each name 30 s after the last heal: {seen}")
    time.sleep(1.5)  # what is under way
    before = {kind: history.read(folder, kind) for kind in ("keeper", "bag")}
    now = time.monotonic_ns()
    until(lambda: reports(folder, now + 10**9), 20)
    bags = [report["bag"] for report in reports(folder, now + 10**9)]
    if not bags or bags[0] is None:
        wrong.append("the bag does not answer")
    return wrong, before, bags[0] if bags else None


def judge(wrong, before, bag, kills, folder):
    """What is wrong with the history, once nothing happens any more."""
    acts = history.read(folder, "acts")
    keepers, bags = history.read(folder, "keeper"), history.read(folder, "bag")
    store = history.stored(folder, "keeper")
    values = [value for _, value in store]
    wrong += history.overlaps(acts) + history.shared(acts) + history.order_faults(store)
    found = {"keeper": history.set_faults(before["keeper"], values, keepers)}
    if bag is not None and not kills:  # what is in memory goes with its node
        found["bag"] = history.set_faults(before["bag"], bag, bags)
    wrong += [f"{name}: {each}" for name, faults in found.items() for each in faults]
    report(acts, keepers, bags, store)
    return wrong


def report(acts, keepers, bags, store):
    times = history.takeovers(acts, "keeper")
    shown = f"{statistics.median(times):.2f} s, at most {max(times):.2f}" if times else "none"
    print(f"  calls to the keeper: {history.outcomes(keepers)}")
    print(f"  calls to the bag: {history.outcomes(bags)}")
    print(f"  stored {len(store)}, {len(acts)} times said who holds what")
    print(f"  the keeper went elsewhere {len(times)} times; without one for {shown}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--longest", type=float, default=7.0)
    parser.add_argument("--no-kills", action="store_true")
    parser.add_argument("--namespaces", action="store_true")
    parser.add_argument("--log-level", default="none")
    options = parser.parse_args()
    first = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    failed = 0
    for seed in range(first, first + options.rounds):
        print(f"seed {seed}", flush=True)
        folder = tempfile.mkdtemp(prefix=f"rebeam-cluster-{seed}-")
        wrong = play(seed, options, folder)
        for each in wrong[:10]:
            print(f"  WRONG: {each}")
        print(
            f"  {len(wrong)} faults; the history is in {folder}" if wrong else "  right", flush=True
        )
        failed += bool(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
