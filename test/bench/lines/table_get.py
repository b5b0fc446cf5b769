"""Rows of a table of 100,000, read at random keys, beside what else several can read."""

import functools
import multiprocessing
import pickle
import random
import sqlite3
import time

from bench.line import Line

from rebeam import GenPy, Supervisor, Table, call, receive

line = Line("a row read from a table of 100,000", "us")
ROWS = 100_000


def value(number):
    return {"number": number, "name": "a name"}


class Reader(GenPy):
    name = "reader"

    @receive("get")
    def read(self, message):
        rows, keys = table(), chosen(message)
        begin = time.perf_counter()
        for key in keys:
            rows.get(key)
        return (time.perf_counter() - begin) * 1e6 / message

    @receive("put")
    def write(self, message):
        rows, keys = table(), chosen(message)
        begin = time.perf_counter()
        for key in keys:
            rows.put(key, value(key))
        return (time.perf_counter() - begin) * 1e6 / message


@functools.cache
def table():
    rows = Table("bench")
    rows.update((number, value(number)) for number in range(ROWS))
    return rows


def chosen(count):
    return random.Random(1).choices(range(ROWS), k=count)


def timed(function, count):
    """Microseconds each."""
    keys = chosen(count)
    begin = time.perf_counter()
    for key in keys:
        function(key)
    return (time.perf_counter() - begin) * 1e6 / count


def ours(what, count):
    with Supervisor([Reader]):
        status, figure = call("reader", what, count, timeout=None)
        assert status == "ok", figure
        return figure


@functools.cache
def sqlite():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (key integer primary key, value blob)")
    for number in range(ROWS):
        connection.execute(INSERT, (number, pickle.dumps(value(number))))
    return connection


INSERT = "insert or replace into t values (?, ?)"
SELECT = "select value from t where key = ?"


@functools.cache
def manager():
    started = multiprocessing.get_context("spawn").Manager()
    rows = started.dict()
    rows.update({number: value(number) for number in range(ROWS)})
    return started, rows


def of_sqlite(count):
    get = sqlite().execute
    return timed(lambda key: pickle.loads(get(SELECT, (key,)).fetchone()[0]), count)


line.ours(20_000)(functools.partial(ours, "get"))
line.entry("sqlite3 in memory", 20_000)(of_sqlite)
line.entry("Manager().dict()", 2_000)(lambda count: timed(manager()[1].__getitem__, count))

if __name__ == "__main__":
    line.serve()
