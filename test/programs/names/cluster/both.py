"""A name in each part of a cluster, and names that stay where they are. argv[1]: where actors run."""

import sys

from cluster_actors import Anything, Awaiting, Machine, Merging, who
from waiting import wait_until

from rebeam import call, child
from rebeam.testing import cluster, heal, kill, partition, restart


def main():
    with cluster(3, options=["--cluster-lease", "2"]) as nodes:
        first, second, third = nodes
        options = dict(restart="temporary", isolation=sys.argv[1])

        for kind in (Merging, Awaiting, Anything):
            name = kind.__name__
            a, b = (each.start(child(kind("both"), **options)) for each in (first, second))
            one = call(a, "register", name)[1]
            print(name, one > 0, "is taken" in call(b, "register", name)[1])
            partition(first, [second, third])
            wait_until(lambda: isinstance(call(b, "register", name)[1], int))
            # The third node hears of the new holder a moment later.
            wait_until(lambda: [each.run(who, name) for each in nodes] == [a, b, b])
            print(True, call(b, "fence")[1] > one)
            call(a, "add", "from a"), call(b, "add", "from b")
            two = call(b, "fence")[1]
            heal()
            wait_until(lambda: [each.run(who, name) for each in nodes] == [a] * 3)
            wait_until(lambda: call(b, "items")[0] == "down")
            merges = kind is not Anything
            wait_until(lambda: len(call(a, "items")[1]) == 1 + merges)
            print(sorted(call(a, "items")[1]), call(a, "fence")[1] > two)

        machines = [each.start(child(Machine(), **options)) for each in (first, second)]
        a, b = machines
        print(call(a, "register", "machine")[1] > 0)
        partition(first, [second, third])
        wait_until(lambda: isinstance(call(b, "register", "machine")[1], int))
        heal()
        wait_until(lambda: [each.run(who, "machine") for each in nodes] == [a] * 3)
        wait_until(lambda: call(b, "register", "x")[0] == "down")

        print("-- keep-old")
        a, b = (each.start(child(Merging("keep-old"), **options)) for each in (first, second))
        print(call(a, "register", "old")[1] > 0)
        partition(first, [second, third])
        wait_until(lambda: second.run(who, "old") is None)
        print("is taken" in call(b, "register", "old")[1], isinstance(call(a, "fence")[1], int))
        heal()
        wait_until(lambda: second.run(who, "old") == a)
        kill(first)
        wait_until(lambda: second.run(who, "old") is None)
        print("is taken" in call(b, "register", "old")[1])
        restart(first)
        wait_until(lambda: isinstance(call(b, "register", "old")[1], int))
        wait_until(lambda: [each.run(who, "old") for each in nodes] == [b] * 3)


if __name__ == "__main__":
    main()
