"""A table beside what else is at hand: `test/bench/run tables [ROWS]`, 1,000,000 without.

Each holds all rows, int to a dict of two; then single operations are timed, at random keys. What can be
filled at once is. "range" is a step of an iteration in the order of keys, where there is one.
"""

import multiprocessing
import os
import pickle
import random
import sqlite3
import sys
import time

from rebeam import GenPy, Status, Supervisor, Table, call, child, receive, run_register_process

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
SAMPLE = min(ROWS, 20_000)
BATCH = 10_000


def value(number):
    return {"number": number, "name": "a name"}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class DictActor(GenPy):
    def __init__(self):
        self.rows = {}

    @receive("update")
    def update(self, message):
        self.rows.update(message)

    @receive("put")
    def put(self, message):
        self.rows[message[0]] = message[1]

    @receive("get")
    def get(self, message):
        return self.rows[message]

    @receive("count")
    def count(self, message):
        self.rows[message] = self.rows.get(message, 0) + 1
        return self.rows[message]


def asked(target, subject, message):
    status, answer = call(target, subject, message, timeout=60.0)
    assert status is Status.OK, answer
    return answer


def timed(function, *arguments):
    begin = time.perf_counter()
    count = function(*arguments)
    return (time.perf_counter() - begin) / count * 1e6


def each(keys, function):
    for key in keys:
        function(key)
    return len(keys)


def batches():
    for first in range(0, ROWS, BATCH):
        yield {number: value(number) for number in range(first, min(first + BATCH, ROWS))}


def filled(update):
    for batch in batches():
        update(batch)
    return ROWS


def measure(name, update, put, get, count, steps=None):
    keys = random.Random(1).choices(range(ROWS), k=SAMPLE)
    before = resident()
    times = [timed(filled, update)]
    size = (resident() - before) / ROWS
    times += [timed(each, keys, put), timed(each, keys, get), timed(each, keys, count)]
    times.append(timed(steps) if steps else float("nan"))
    print(f"{name:28}" + "".join(f"{each:10.2f}" for each in times) + f"{size:12.0f}", flush=True)


def table(kind):
    rows = Table("bench " + kind, type=kind)

    def steps():
        return (
            sum(1 for _ in rows.range()) if kind == "ordered_set" else sum(1 for _ in rows.items())
        )

    begin = rows.memory()
    measure(
        f"Table, {kind}",
        rows.update,
        lambda key: rows.put(key, value(key)),
        rows.get,
        lambda key: rows.update_counter(("n", key)),
        steps,
    )
    print(f"{'':28}{(rows.memory() - begin) / len(rows):62.0f}  bytes a row by its own count")
    rows.drop()


def table_by_loops():
    """The methods in a loop of their own, which suspend: no function between."""
    rows = Table("loops")
    rows.update((number, value(number)) for number in range(SAMPLE))
    begin = time.perf_counter()
    for key in range(SAMPLE):
        rows.get(key)
    get = time.perf_counter()
    for key in range(SAMPLE):
        rows.put(key, 1)
    put = time.perf_counter()
    for key in range(SAMPLE):
        rows[key]
    item = time.perf_counter()
    shown = [(get - begin), (put - get), (item - put)]
    texts = [f"{each / SAMPLE * 1e6:.2f}" for each in shown]
    print(f"Table, one loop: get {texts[0]}, put of an int {texts[1]}, table[key] {texts[2]}")
    rows.drop()


def dict_actor():
    actor = run_register_process(DictActor())
    measure(
        "dict behind an actor",
        lambda batch: asked(actor, "update", batch),
        lambda key: asked(actor, "put", (key, value(key))),
        lambda key: asked(actor, "get", key),
        lambda key: asked(actor, "count", ("n", key)),
    )


def sqlite():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (key integer primary key, value blob)")
    connection.execute("create table c (key integer primary key, n integer)")
    insert = "insert or replace into t values (?, ?)"
    count = "insert into c values (?, 1) on conflict do update set n = n + 1 returning n"
    select = "select value from t where key = ?"

    def steps():
        return sum(
            1
            for _, each in connection.execute("select * from t order by key")
            if pickle.loads(each)
        )

    measure(
        "sqlite3 in memory",
        lambda batch: connection.executemany(
            insert, [(key, pickle.dumps(each)) for key, each in batch.items()]
        ),
        lambda key: connection.execute(insert, (key, pickle.dumps(value(key)))),
        lambda key: pickle.loads(connection.execute(select, (key,)).fetchone()[0]),
        lambda key: connection.execute(count, (key,)).fetchone(),
        steps,
    )
    connection.close()


def manager():
    with multiprocessing.get_context("spawn").Manager() as started:
        rows = started.dict()

        def count(key):
            rows["n", key] = rows.get(("n", key), 0) + 1

        put = lambda key: rows.__setitem__(key, value(key))  # noqa: E731
        measure("Manager().dict()", rows.update, put, rows.__getitem__, count)


def main():
    print(f"{ROWS} rows, microseconds")
    print(f"{'':28}{'fill':>10}{'put':>10}{'get':>10}{'count':>10}{'range':>10}{'bytes a row':>12}")
    for each_kind in ("set", "ordered_set"):
        table(each_kind)
    dict_actor()
    sqlite()
    manager()
    table_by_loops()


if __name__ == "__main__":
    Supervisor(
        [child(main, restart="temporary", significant=True)], auto_shutdown="any_significant"
    )
