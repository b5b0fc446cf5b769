"""A node of three is emptied and stopped."""

import draining_program
from draining_program import asked, attempt, begin, drained, found, ready

from rebeam import GlobalName
from rebeam.testing import cluster, kill, wait_until

NAMES = ("plain", "worker", "keeper")


def main():
    options = ["--log-level", "none", "--cluster-size", "3", "--workers", "1"]
    with cluster(3, draining_program.__file__, options=options) as nodes:
        for each in nodes:
            wait_until(lambda each=each: each.run(ready), 30)
        [a] = [each for each in nodes if each.run(draining_program.runs_once)]
        b, c = [each for each in nodes if each is not a]
        pids = a.run(begin)
        for n, name in enumerate(NAMES):
            a.run(asked, pids[name], "add", n + 1)
        a.run(asked, GlobalName("once"), "add", 2)
        print(a.run(drained))
        print(a.run(attempt))
        print([b.run(asked, pids[name], "add", 0)[1] for name in NAMES])

        print("-- it has stopped")
        a.run(draining_program.stop)
        wait_until(lambda: a.name not in b.run(draining_program.others), 30)
        keeper = wait_until(lambda: b.run(found, "keeper"), 30)
        counts = [b.run(asked, GlobalName(name), "add", 0)[1] for name in NAMES]
        print(counts, keeper.node in (b.name, c.name))
        one = wait_until(lambda: b.run(asked, GlobalName("once"), "add", 0)[1], 30)
        print(one, b.run(asked, GlobalName("once"), "log")[1])
        print(b.run(asked, keeper, "crash")[0])
        wait_until(lambda: b.run(found, "keeper") not in (None, keeper), 30)
        print(
            b.run(asked, GlobalName("keeper"), "add", 1)[1] - 2,
            [what for what, _ in b.run(asked, GlobalName("keeper"), "log")[1]],
        )


if __name__ == "__main__":
    main()
