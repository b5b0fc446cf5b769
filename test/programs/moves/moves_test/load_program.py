"""On each node: callers of a counter. Each has a number of its own there, and casts between its calls."""

import threading
import time

from rebeam import GenPy, Supervisor, call, cast, child, move, receive, start_child, whereis


class Counter(GenPy):
    def __init__(self):
        self.counts, self.casts, self.notes = {}, {}, [0] * 1000

    @receive("noted")
    def noted(self, message):
        who, n = message
        self.casts.setdefault(who, []).append(n)

    @receive("add")
    def add(self, message):
        self.counts[message] = self.counts.get(message, 0) + 1
        return self.counts[message], self.casts.pop(message, [])

    @receive("total")
    def all(self):
        return sum(self.counts.values())


class Callers:
    over = threading.Event()
    threads: list = []
    told: list = []
    began = 0.0


def caller(pid, who):
    count, longest, wrong, casts, before = 0, 0.0, [], 0, time.perf_counter()
    while not Callers.over.is_set():
        cast(pid, "noted", (who, casts))
        status, value = call(pid, "add", who, 30.0)
        count += 1
        if not status or value != (count, [casts]):
            wrong.append((status, value, count, casts))
            break
        casts += 1
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    Callers.told.append((count, longest, wrong))


def begin(isolation):
    return start_child("sup", child(Counter, name="counter", isolation=isolation))


def callers(pid, count):
    Callers.began = time.perf_counter()
    who = str(whereis("sup"))
    Callers.threads = [
        threading.Thread(target=caller, args=(pid, f"{who} {n}")) for n in range(count)
    ]
    for each in Callers.threads:
        each.start()


def stop():
    Callers.over.set()
    for each in Callers.threads:
        each.join()
    return {
        "calls": sum(count for count, _, _ in Callers.told),
        "pause": max(longest for _, longest, _ in Callers.told),
        "wrong": [each for _, _, wrong in Callers.told for each in wrong],
        "seconds": time.perf_counter() - Callers.began,
    }


def moved(pid, node):
    before = time.perf_counter()
    there = move(pid, node)
    return time.perf_counter() - before, there.node


def total(pid):
    return call(pid, "total", None, 30.0)[1]


def found(name):
    return whereis(name)


if __name__ == "__main__":
    Supervisor([], name="sup")
