"""Writes tables with files, "write", and finds all of it there in the next run, "read"."""

import os
import sys

from table_checks import KEYS, Point
from waiting import wait_until

from rebeam import GenPy, Status, Supervisor, Table, call, child, receive


class User(GenPy):
    @receive("put")
    def put(self, message):
        table = Table("kept", file=sys.argv[2])
        table.put(message, [message, bytes(100_000)])
        return len(table)


def write(folder):
    table = Table("kept", file=sys.argv[2])
    for number, key in enumerate(KEYS):
        table[key] = [number, key]
    table.update({"point": Point(1, {2}), "large": bytes(range(256)) * 1000, "n": 1})
    assert (table.update_counter("n", 2), table.take("gone", 1)) == (3, 1)
    assert table.compare_and_swap("point", Point(1, {2}), Point(1, {3}))
    for name in ("shared", "process"):
        assert call(name, "put", name, timeout=30.0) == (Status.OK, len(table))
    bag = Table("bag", type="bag", file=os.path.join(folder, "bag"), durability="always")
    for number in (3, 1, 2, 1):
        bag.put("a", number)
    assert bag.discard("a", 1)


def read(folder):
    table = Table("kept", file=sys.argv[2])
    for number, key in enumerate(KEYS):
        assert table[key] == [number, key]
    assert (table["point"], table["large"]) == (Point(1, {3}), bytes(range(256)) * 1000)
    assert table["n"] == 3 and len(table) == len(KEYS) + 5
    for name in ("shared", "process"):
        assert table[name] == [name, bytes(100_000)]
    bag = Table("bag", type="bag", file=os.path.join(folder, "bag"))
    assert bag["a"] == [3, 2]
    bag.drop()
    assert not os.path.exists(os.path.join(folder, "bag"))
    compact(folder)


def compact(folder):
    """The file stays about as large as its rows, and is the table all the time."""
    path = os.path.join(folder, "compacted")
    table = Table("compacted", file=path)
    for number in range(60):
        table.update((key, ["x" * 1000, number]) for key in range(100))
        table.update_counter("n")
    wait_until(lambda: os.path.getsize(path) < 3_000_000)
    assert len(table) == 101 and all(table[key][1] == 59 for key in range(100))
    wait_until(lambda: not os.path.exists(path + ".compacting"))


def compacted(folder):
    table = Table("compacted", file=os.path.join(folder, "compacted"))
    assert table["n"] == 60 and all(table[key] == ["x" * 1000, 59] for key in range(100))


def main():
    folder = os.path.dirname(sys.argv[2])
    {"write": write, "read": read, "compacted": compacted}[sys.argv[1]](folder)
    print(sys.argv[1])


if __name__ == "__main__":
    users = [child(User(), name=each, id=each, isolation=each) for each in ("shared", "process")]
    Supervisor([*users, child(main, significant=True)])
