"""Rows of a table of 100,000, written at random keys, beside what else several can write."""

import functools
import pickle

from bench.line import Line
from bench.lines import table_get
from bench.lines.table_get import INSERT, manager, sqlite, timed, value

line = Line("a row written to a table of 100,000", "us")
Reader = table_get.Reader


def of_sqlite(count):
    put = sqlite().execute
    return timed(lambda key: put(INSERT, (key, pickle.dumps(value(key)))), count)


def of_manager(count):
    _, rows = manager()
    return timed(lambda key: rows.__setitem__(key, value(key)), count)


line.ours(20_000)(functools.partial(table_get.ours, "put"))
line.entry("sqlite3 in memory", 20_000)(of_sqlite)
line.entry("Manager().dict()", 2_000)(of_manager)

if __name__ == "__main__":
    line.serve()
