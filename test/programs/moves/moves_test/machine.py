"""A state machine moves, with what it has postponed and what its clocks show. argv[1]: where it runs."""

import sys

import machine_program
from machine_program import asked, begin, found, later, moved, result
from waiting import wait_until

from rebeam.testing import cluster


def main():
    options = ["--log-level", "none", "--workers", "1"]
    with cluster(2, machine_program.__file__, options=options) as (a, b):
        for each in (a, b):
            wait_until(lambda each=each: each.run(found, "sup"))
        pid = a.run(begin, sys.argv[1], timeout=120.0)
        a.run(later, pid, "push")
        a.run(later, pid, "push")
        wait_until(lambda: a.run(asked, pid, "entered")[1][0] == "locked")
        print(*a.run(asked, pid, "entered")[1])
        there = a.run(moved, pid, b.name, timeout=120.0)
        print(a.run(asked, there, "state")[1], a.run(result), there != pid)
        a.run(asked, pid, "coin")
        wait_until(lambda: len(a.run(result)) == 2)
        print("pushed", len(a.run(result)), a.run(asked, pid, "where")[1] == b.name)
        print(a.run(asked, pid, "log")[1])
        a.run(asked, pid, "hurry", 2.0)
        a.run(moved, pid, a.name, timeout=120.0)
        wait_until(lambda: a.run(asked, pid, "log")[1][-1] == "timeout")
        print("timed out", a.run(asked, pid, "where")[1] == a.name)
        print(a.run(asked, pid, "state"))


if __name__ == "__main__":
    main()
