"""A name belongs to the majority: argv[1] is where the actors run."""

import sys

from cluster_actors import Named, names, who
from waiting import wait_until

from rebeam import call, child
from rebeam.testing import cluster, freeze, heal, kill, partition, restart, thaw


def main():
    with cluster(3, options=["--cluster-lease", "2"]) as nodes:
        first, second, third = nodes
        options = dict(restart="temporary", isolation=sys.argv[1])
        a, b, c = (each.start(child(Named(), **options)) for each in nodes)

        one = call(a, "register", "name")[1]
        print(one > 0, call(b, "register", "name")[1].rpartition(" by ")[0])
        print([each.run(who, "name") == a for each in nodes], third.run(names))

        print("-- the holder is split off")
        partition(first, [second, third])
        wait_until(lambda: first.run(who, "name") is None)
        wait_until(lambda: call(a, "fence")[0] == "down")
        print(call(a, "fence")[1])
        late = first.start(child(Named(), **options))
        print(call(late, "register", "name", timeout=10)[1])
        wait_until(lambda: isinstance(call(b, "register", "name")[1], int))
        two = call(b, "fence")[1]
        print(two > one, [each.run(who, "name") == b for each in (second, third)])
        heal()
        wait_until(lambda: [each.run(who, "name") for each in nodes] == [b] * 3)
        print(call(late, "register", "name")[1].rpartition(" by ")[0], call(b, "fence")[1] == two)

        print("-- its node is killed, and another one frozen")
        kill(second)
        wait_until(lambda: isinstance(call(c, "register", "name", timeout=10)[1], int))
        three = call(c, "fence")[1]
        restart(second)
        wait_until(lambda: second.run(who, "name") == c)
        freeze(third)
        wait_until(lambda: isinstance(call(late, "register", "name", timeout=10)[1], int))
        four = call(late, "fence")[1]
        thaw(third)
        wait_until(lambda: call(c, "fence")[0] == "down")
        print(two < three < four, [each.run(who, "name") == late for each in (first, second)])
        wait_until(lambda: third.run(who, "name") == late)

        print("-- it is given up")
        call(late, "unregister", "name")
        print([each.run(who, "name") for each in nodes], call(late, "fence")[1])
        print(call(late, "register", "other")[1] > four, call(late, "register", "third")[1])
        print(call(late, "fence", "other")[1] > four, call(late, "fence", "name")[1])


if __name__ == "__main__":
    main()
