"""Iterates over tables while others put and take away: no row twice, none missed that stays."""

import random
import threading

from waiting import wait_until

from rebeam import Supervisor, Table, child, spawn

STAY = range(0, 6000, 2)
OVER = threading.Event()


def writes(table):
    def write():
        while not OVER.is_set():
            number = random.randrange(1, 200_000, 2)
            if random.random() < 0.5:
                table.put(number, number)
            else:
                table.take(number)

    return write


def main():
    for kind in ("set", "ordered_set", "bag"):
        table = Table(kind, type=kind)
        table.update((number, number) for number in STAY)
        OVER.clear()
        pids = [spawn(writes(table)) for _ in range(3)]
        ways = [lambda t=table: list(t), lambda t=table: [key for key, _ in t.items()]]
        ways.append(lambda t=table: [key for key, _ in t.where(Table.value >= 0)])
        ways.append(
            lambda t=table: list(t.snapshot()) if kind != "bag" else [k for k, _ in t.snapshot()]
        )
        if kind == "ordered_set":
            ways.append(lambda t=table: list(reversed(t))[::-1])
        for _ in range(10):
            for way in ways:
                keys = way()
                assert len(keys) == len(set(keys)) and set(STAY) <= set(keys)
                assert kind != "ordered_set" or keys == sorted(keys)
        # Left early: who went through it ends.
        for _ in range(5):
            next(iter(table.items()))
        OVER.set()
        wait_until(lambda pids=pids: not any(pid.alive() for pid in pids))
        iterator = iter(table)
        next(iterator)
        table.drop()
        try:
            list(iterator)
        except LookupError as error:
            assert "table" in str(error)
        else:
            raise AssertionError("more rows than there were")
    print("right")


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
