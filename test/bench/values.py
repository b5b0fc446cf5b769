"""Large values in calls between two actors, beside a copy by pickle. See values.exs.

Prints a table: the time of a call with the value (the fastest and the median of some), of
pickling and unpickling it, and by how much the process grew meanwhile.
"""

import gc
import os
import pickle
import statistics
import time

import numpy
import pandas
import polars
import pyarrow

from rebeam import GenPy, call, receive, run_register_process
from rebeam._runtime import collect

CALLS = 50
ROWS = 1_000_000


class Receiver(GenPy):
    name = "receiver"

    @receive("take")
    def take(self, message):
        return len(message)


class Sender(GenPy):
    name = "sender"

    @receive("send")
    def send(self, message):
        value = MAKERS[message]()
        size = len(value) if value is not None else None
        times = []
        for _ in range(CALLS):
            begin = time.perf_counter()
            answer = call("receiver", "take", value)
            times.append(time.perf_counter() - begin)
            assert answer == ("ok", size), answer
        return min(times), statistics.median(times)


def frame():
    return pandas.DataFrame({
        "number": numpy.arange(ROWS), "value": numpy.random.rand(ROWS),
        "text": [f"text number {n}" for n in range(ROWS)],
        "time": pandas.date_range("2024", periods=ROWS, freq="s"),
    })  # fmt: skip


MAKERS = {
    "8 bytes": lambda: bytes(8),
    "bytes, 1 MiB": lambda: bytes(1 << 20),
    "bytes, 1 GiB": lambda: bytes(1 << 30),
    "numpy, 1 MiB": lambda: numpy.ones(1 << 17),
    "numpy, 1 GiB": lambda: numpy.ones(1 << 27),
    "pandas, 1 M rows": frame,
    "pyarrow, 1 M rows": lambda: pyarrow.Table.from_pandas(frame()),
    "polars, 1 M rows": lambda: polars.from_pandas(frame()),
    "bytearray, 1 MiB": lambda: bytearray(1 << 20),
    "list of 10,000 dicts": lambda: [{"number": n, "text": f"text {n}"} for n in range(10_000)],
}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def settled():
    collect()
    gc.collect()
    time.sleep(0.2)
    return resident()


def pickled(name):
    value = MAKERS[name]()
    begin = time.perf_counter()
    pickle.loads(pickle.dumps(value, protocol=5))
    return time.perf_counter() - begin


def main():
    run_register_process(Receiver())
    run_register_process(Sender())
    frame()
    for name in MAKERS:  # what libraries keep once they are used
        call("sender", "send", name, timeout=100)
    print(f"{'call with':24}{'fastest us':>12}{'median us':>12}{'pickle us':>12}{'grown MiB':>12}")
    for name in MAKERS:
        before = settled()
        status, times = call("sender", "send", name, timeout=100)
        assert status == "ok", times
        grown = settled() - before
        fastest, median = (t * 1e6 for t in times)
        copied = pickled(name) * 1e6
        print(f"{name:24}{fastest:12.1f}{median:12.1f}{copied:12.1f}{grown:12.1f}", flush=True)


if __name__ == "__main__":
    main()
