"""An actor moves between three nodes. argv[1]: where its Python runs."""

import sys

import moving_program
from moving_program import asked, begin, found, moved, restarted, tell, watcher
from waiting import wait_until

from rebeam.testing import cluster, kill

ISOLATION = sys.argv[1]
OPTIONS = ["--log-level", "none", "--workers", "1"]


def main():
    with cluster(3, moving_program.__file__, options=OPTIONS) as nodes:
        a, b, c = nodes
        for each in nodes:
            wait_until(lambda each=each: each.run(found, "sup"))
        first(a, b, c)
        links(a, b)
        refusals(a, b)
        ends(a, b, c)


def first(a, b, c):
    print("-- state, names, and back")
    pid = a.run(begin, ISOLATION, timeout=120.0)
    a.run(asked, pid, "add", 5)
    there = a.run(moved, "counter", b.name, timeout=120.0)
    print(there != pid, a.run(found, "counter") == pid)
    print(*a.run(asked, "counter", "look")[1])
    node, itself = a.run(asked, "counter", "where")[1]
    print(node == b.name, itself == there)
    print(
        a.run(asked, pid, "add", 1)[1],
        b.run(asked, pid, "add", 1)[1],
        b.run(asked, there, "add", 1)[1],
    )
    print(
        a.run(moved, pid, b.name, timeout=120.0) == there,
        b.run(moved, there, b.name, timeout=120.0) == there,
    )
    third = c.run(moved, pid, c.name, timeout=120.0)
    print(
        *(
            each.run(asked, target, "add", 1)[1]
            for each in (a, b, c)
            for target in (pid, there, third)
        )
    )
    back = c.run(moved, pid, a.name, timeout=120.0)
    print(a.run(asked, "counter", "where")[1] == (a.name, back), back == pid)
    tell(pid, 0)
    for node in [b, a, c, a, b]:
        a.run(tell, pid, 100)
        a.run(moved, "counter", node.name, timeout=120.0)
    print(a.run(asked, "counter", "log")[1] == ["start", *list(range(100)) * 5])
    print(b.run(asked, pid, "go", c.name)[1] == b.name)
    wait_until(lambda: a.run(asked, pid, "where")[1][0] == c.name)


def links(a, b):
    print("-- those that it knows, and that know it")
    pid = a.run(begin, ISOLATION, "known", timeout=120.0)
    heard = a.run(watcher)
    a.run(asked, heard, "watch", pid)
    other = b.run(begin, ISOLATION, "other", timeout=120.0)
    a.run(asked, pid, "watch", other)
    a.run(asked, pid, "trap", other)
    a.run(asked, pid, "alarm", 0.3)
    a.run(moved, pid, b.name, timeout=120.0)
    b.run(asked, other, "crash")
    wait_until(lambda: len(a.run(asked, pid, "log")[1]) == 4)
    print(sorted(a.run(asked, pid, "log")[1]))
    print(a.run(asked, pid, "crash")[0])
    wait_until(lambda: a.run(asked, heard, "heard")[1])
    print(a.run(asked, heard, "heard")[1])
    again = wait_until(lambda: a.run(restarted, "known", pid))
    print(a.run(asked, again, "where")[1] == (a.name, again), a.run(asked, again, "log")[1])


def refusals(a, b):
    print("-- what stays")
    pid = a.run(begin, ISOLATION, "stays", 7, timeout=120.0)
    for target, node in [
        ("stays", "nobody@127.0.0.1"),
        ("nobody", b.name),
        ("sup", b.name),
    ]:
        print(a.run(moved, target, node, timeout=120.0))
    a.run(asked, pid, "lock", True)
    print(
        a.run(moved, pid, b.name, timeout=120.0).partition(": cannot move ")[2].partition(": ")[2]
    )
    print(a.run(asked, pid, "add", 1))
    a.run(asked, pid, "lock", False)
    print(a.run(moved, pid, b.name, timeout=120.0) != pid, a.run(asked, pid, "add", 1))


def ends(a, b, c):
    print("-- it is told to end, and nodes are killed")
    pid = a.run(begin, ISOLATION, "ended", 3, timeout=120.0)
    a.run(moved, pid, b.name, timeout=120.0)
    print(a.run(moving_program.finish, "ended"), a.run(found, "ended"))
    # Others have noted their ends there before.
    count, why, node = wait_until(lambda: (last := noted(b)) and last[1] == "shutdown" and last)
    print(count, why, node == b.name)
    pid = a.run(begin, ISOLATION, "lost", 3, timeout=120.0)
    a.run(moved, pid, b.name, timeout=120.0)
    kill(b)
    again = wait_until(lambda: a.run(restarted, "lost", pid))
    print(a.run(asked, again, "look")[1][0])
    pid = a.run(begin, ISOLATION, "orphan", 3, timeout=120.0)
    there = a.run(moved, pid, c.name, timeout=120.0)
    kill(a)
    wait_until(lambda: not c.run(asked, there, "look")[0])
    # What its @stop notes may come later than its end is seen.
    print(wait_until(lambda: (last := noted(c)) and last[1].rpartition(":")[0]))


def noted(node):
    """What the last @stop has noted on that node, if one has."""
    notes = node.run(asked, "notes", "notes")[1]
    return notes[-1][1] if notes else None


if __name__ == "__main__":
    main()
