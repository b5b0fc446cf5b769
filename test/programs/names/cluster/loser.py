"""A child that is called by a name in the cluster, and what its supervisor does when that is lost.

argv[1]: where the actors run.
"""

import sys

from cluster_actors import Named, again, attempt, children, grow, who
from waiting import wait_until

from rebeam import GlobalName, call, child
from rebeam.testing import cluster, heal, partition

options = ["--cluster-lease", "2", "--log-level", "error"]
placed = dict(isolation=sys.argv[1])


def main():
    with cluster(3, options=options) as nodes:
        first, second, third = nodes
        first.run(grow, placed)
        holder, sibling = first.run(who, "single"), call(("sibling", first.name), "items")
        print(first.run(children), [each.run(who, "single") == holder for each in nodes])

        partition(first, [second, third])
        wait_until(lambda: ("single", "stopped") in first.run(children))
        print(first.run(children), first.run(who, "single"))
        there = child(Named(), restart="temporary", name=GlobalName("single"), **placed)
        wait_until(lambda: attempt(lambda: second.start(there)).__class__ is not str)
        taken = second.run(who, "single")
        heal()
        wait_until(lambda: [each.run(who, "single") for each in nodes] == [taken] * 3)
        print(first.run(again), first.run(children))

        print(call(taken, "unregister", "single")[0], first.run(again) == first.run(who, "single"))
        print(first.run(children), call(("sibling", first.name), "items") == sibling)


if __name__ == "__main__":
    main()
