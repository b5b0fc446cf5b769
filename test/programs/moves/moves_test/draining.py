"""A node of three, which is emptied by a command when it has said which, and then is stopped."""

import os

import draining_program
from draining_program import asked, attempt, begin, found, ready, stop
from waiting import wait_until

from rebeam import GlobalName
from rebeam.testing import cluster

NAMES = ("plain", "worker", "keeper")


def count(node, name):
    status, value = node.run(asked, GlobalName(name), "add", 0)
    return value if status else None


def counts(node):
    return [count(node, name) for name in NAMES]


def main():
    options = ["--log-level", "none", "--cluster-size", "3", "--workers", "1"]
    with cluster(3, draining_program.__file__, options=options) as nodes:
        for each in nodes:
            wait_until(lambda each=each: each.run(ready))
        [a] = [each for each in nodes if each.run(draining_program.runs_once)]
        b, c = [each for each in nodes if each is not a]
        pids = a.run(begin, timeout=120.0)
        for n, name in enumerate(NAMES):
            a.run(asked, pids[name], "add", n + 1)
        a.run(asked, GlobalName("once"), "add", 2)
        a.run(asked, GlobalName("once"), "join")
        print("drain", a.run(os.getpid), flush=True)
        input()
        print("=", [b.run(asked, pids[name], "add", 0)[1] for name in NAMES], a.run(attempt))
        input()
        a.run(stop)
        wait_until(lambda: a.name not in b.run(draining_program.others))
        keeper = wait_until(lambda: b.run(found, "keeper"))
        wait_until(lambda: None not in counts(b))
        once = wait_until(lambda: count(b, "once"))
        [member] = wait_until(lambda: b.run(draining_program.crowd))
        print("=", counts(b), keeper.node in (b.name, c.name), once, member.node != a.name)
        input()
        crashed = b.run(asked, keeper, "crash")[0]
        wait_until(lambda: b.run(found, "keeper") not in (None, keeper))
        print(
            "=",
            crashed,
            wait_until(lambda: count(b, "keeper")),
            b.run(asked, GlobalName("keeper"), "log")[1],
        )


if __name__ == "__main__":
    main()
