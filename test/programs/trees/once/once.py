"""One child in a cluster of three nodes, as these end and are split. argv[1]: where it runs."""

import os
import sys

import once_program
from once_program import add, crash, late, states

from rebeam.testing import cluster, heal, kill, partition, restart, wait_until

folder = os.getcwd()
options = ["--cluster-lease", "2", "--cluster-size", "3", "--log-level", "none"]


def runs(nodes, id="counter"):
    return [each for each in nodes if each.run(states).get(id) == "running"]


def lines(word):
    with open("notes") as file:
        return [line.strip() for line in file if line.startswith(word)]


def answered(node, but=0):
    status, value = node.run(add)
    return value if status and value[2] != but else None


def main():
    with cluster(3, once_program.__file__, args=[sys.argv[1], folder], options=options) as nodes:
        one = wait_until(lambda: answered(nodes[0]), 30)
        [holder] = runs(nodes)
        others = [each for each in nodes if each is not holder]
        print(one[:2], [each.run(add)[1][0] for each in nodes], len(lines("start")))
        print([each.run(states)["counter"] for each in others])
        wait_until(lambda: all(each.run(states)["job"] == "stopped" for each in nodes), 30)
        print(lines("job"), lines("done"))

        print("-- its node is killed")
        kill(holder)
        two = wait_until(lambda: answered(others[0], one[2]), 30)
        print(two[:2], two[2] > one[2], len(runs(others)))
        restart(holder)
        wait_until(lambda: holder.run(states).get("counter") == "standing by", 30)

        print("-- its node is split off")
        [holder] = runs(nodes)
        others = [each for each in nodes if each is not holder]
        partition(holder, others)
        three = wait_until(lambda: answered(others[0], two[2]), 30)
        wait_until(lambda: holder.run(states)["counter"] == "standing by", 30)
        print(three[2] > two[2], holder.run(add)[0], len(runs(others)))
        print([line.rpartition(":")[2] for line in lines("stop")])
        heal()
        wait_until(lambda: answered(holder), 30)
        print(len(runs(nodes)), len(lines("start")))

        print("-- it crashes, and more come")
        print(nodes[0].run(crash))
        four = wait_until(lambda: answered(nodes[0], three[2]), 30)
        print(four[2] > three[2], lines("stop")[-1], [each.run(late) for each in nodes])
        wait_until(lambda: len(runs(nodes, "late")) == 1, 30)
        print(sorted(each.run(states)["late"] for each in nodes))


if __name__ == "__main__":
    main()
