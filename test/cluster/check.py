"""Splits, heals, kills and freezes a cluster at random, and checks what it did with names and sets.

    mix rebeam.run test/cluster/check.py [--seed N] [--rounds N] [--nodes N] [--seconds S] [--no-kills]

A round is one cluster and one seed, which is printed: the same seed makes the same faults at the
same times. It ends with status 1 if anything is wrong.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time

import history
import node as program

from rebeam.testing import cluster, delay, freeze, heal, kill, partition, restart, thaw, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ["keeper", "first", "second"]


class Faults:
    """What happens to the nodes of one round."""

    def __init__(self, nodes, chance, kills):
        self.nodes, self.chance, self.kills = list(nodes), chance, kills
        self.killed, self.frozen = [], []

    def next(self):
        kinds = [self.halves, self.alone, self.half_open, self.bridge, self.slow, self.freeze]
        if self.kills:
            kinds.append(self.kill)
        return self.chance.choice(kinds)()

    def halves(self):
        some = self.some(len(self.nodes) // 2)
        closed = self.chance.random() < 0.3
        partition(some, self.others(some), closed=closed)
        return f"{self.show(some)} apart from the others{' (connections closed)' if closed else ''}"

    def alone(self):
        some = self.some(1)
        partition(some, self.others(some))
        return f"{self.show(some)} alone"

    def half_open(self):
        some = self.some(self.chance.randint(1, len(self.nodes) // 2))
        partition(some, self.others(some), one_way=True)
        return f"what {self.show(some)} say does not arrive"

    def bridge(self):
        middle, *others = self.some(len(self.nodes))
        half = len(others) // 2
        partition(others[:half], others[half:])
        return f"{self.show(others[:half])} and {self.show(others[half:])} only see {middle}"

    def slow(self):
        some = self.some(self.chance.randint(1, len(self.nodes) - 1))
        seconds = self.chance.choice([0.05, 0.2, 0.4])
        delay(some, self.others(some), seconds)
        return f"{self.show(some)} reach the others {seconds} s later"

    def freeze(self):
        some = self.some(self.chance.randint(1, len(self.nodes) // 2))
        freeze(*some)
        self.frozen += some
        return f"{self.show(some)} frozen"

    def kill(self):
        some = self.some(self.chance.randint(1, len(self.nodes) // 2))
        kill(*some)
        self.killed += some
        return f"{self.show(some)} killed"

    def mend(self):
        thaw(*self.frozen)
        heal()
        restart(*self.killed)
        self.killed, self.frozen = [], []

    def some(self, count):
        return self.chance.sample(self.nodes, count)

    def others(self, some):
        return [each for each in self.nodes if each not in some]

    @staticmethod
    def show(some):
        return ", ".join(sorted(each.name.split("@")[0] for each in some))


def play(seed, options, folder):
    chance = random.Random(seed)
    kills = not options.no_kills and chance.random() < 0.5
    started = time.monotonic()
    with cluster(
        options.nodes,
        os.path.join(HERE, "node.py"),
        args=[folder],
        options=[
            *("--cluster-lease", "1", "--log-level", options.log_level),
            *("--cluster-size", str(options.nodes)),
        ],
    ) as nodes:
        wait_until(lambda: all(each.run(program.whom, NAMES)[0] for each in nodes), 60)
        faults = Faults(nodes, chance, kills)
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            for _ in range(chance.randint(1, 2)):
                print(f"  {time.monotonic() - started:6.1f} {faults.next()}", flush=True)
            time.sleep(chance.uniform(1.0, 5.0))
            faults.mend()
            print(f"  {time.monotonic() - started:6.1f} mended", flush=True)
            time.sleep(chance.uniform(0.5, 4.0))
        found = settle(nodes, folder)
    return judge(*found, kills, folder)


def settle(nodes, folder):
    """What is wrong with who has which name, and what the sets had answered for and have."""
    wrong = []
    try:
        wait_until(lambda: agreed(nodes), 30)
    except AssertionError:
        seen = {each.name: each.run(program.whom, [*NAMES, "bag"]) for each in nodes}
        wrong.append(f"no one holder of each name 30 s after the last heal: {seen}")
    time.sleep(1.5)  # what is under way
    before = {kind: history.read(folder, kind) for kind in ("keeper", "bag")}
    holder, bag = nodes[0].run(program.bag)
    if bag is None:
        wrong.append(f"the bag does not answer: {holder}")
    return wrong, before, bag


def judge(wrong, before, bag, kills, folder):
    """What is wrong with the history, once nothing happens any more."""
    acts = history.read(folder, "acts")
    keepers, bags = history.read(folder, "keeper"), history.read(folder, "bag")
    store = history.stored(folder, "keeper")
    values = [value for _, value in store]
    wrong += history.overlaps(acts) + history.shared(acts) + history.order_faults(store)
    found = {"keeper": history.set_faults(before["keeper"], values, keepers)}
    if bag is not None and not kills:  # what is in memory goes with its node
        found["bag"] = history.set_faults(before["bag"], list(bag), bags)
    wrong += [f"{name}: {each}" for name, faults in found.items() for each in faults]
    report(acts, keepers, bags, store)
    return wrong


def agreed(nodes):
    """Whether all nodes see the same holders of the names that last."""
    names = ["keeper", "bag"]
    seen = [each.run(program.whom, names) for each in nodes]
    return all(seen[0]) and all(each == seen[0] for each in seen)


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
    parser.add_argument("--no-kills", action="store_true")
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
        print(f"  {len(wrong)} faults; the history is in {folder}" if wrong else "  right", flush=True)
        failed += bool(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
