"""Large values in calls between two actors, beside a copy by pickle. See values.exs.

One line for each kind of value. Of a call with it in one OS process, and to a process unit: the
fastest time, and how many times faster that is than a copy by pickle. "to small": that time by the
one of the small value in the line before it. "kept": by how many MiB the memory of both OS processes
has grown while the receiver keeps what it got; "after": when it has dropped it.
"""

import ctypes
import gc
import os
import pickle
import time

import numpy
import pandas
import polars
import pyarrow

from rebeam import GenPy, call, child, receive, run_register_process
from rebeam._runtime import collect

CALLS = {"here": 50, "unit": 5}
HEAD = f"""
{"":20}{"in one OS process":^45}{"to a process unit":^36}{"copied by pickle":^18}
{"":20}{"us":>9}{"faster":>9}{"to small":>9}{"kept":>9}{"after":>9}\
{"us":>9}{"faster":>9}{"kept":>9}{"after":>9}{"us":>9}{"kept":>9}"""


class Receiver(GenPy):
    def __init__(self, name):
        self.name, self.kept = name, None

    @receive("trim")
    def trim(self):
        trim()
        return os.getpid()

    @receive("take")
    def take(self, message):
        return len(message)

    @receive("keep")
    def keep(self, message):
        self.kept = message


class Sender(GenPy):
    name = "sender"

    @receive("measure")
    def measure(self, message):
        value = MAKERS[message]()
        return sent("here", value), sent("unit", value), pickled(value)


def sent(target, value):
    """The seconds of a call, by how much memory grows, and by how much it has grown at the end."""
    before = settled(target)
    assert call(target, "keep", value, timeout=100) == ("ok", None)
    kept = settled(target)
    call(target, "keep", None)
    after = settled(target)
    times = []
    for _ in range(CALLS[target]):
        begin = time.perf_counter()
        answer = call(target, "take", value, timeout=100)
        times.append(time.perf_counter() - begin)
        assert answer == ("ok", len(value)), answer
    return min(times), kept - before, after - before


def pickled(value):
    """The seconds of a copy, and by how much memory grows for it."""
    before = settled("here")
    begin = time.perf_counter()
    copy = pickle.loads(pickle.dumps(value, protocol=5))
    seconds = time.perf_counter() - begin
    assert len(copy) == len(value)
    return seconds, settled("here") - before


def frame(rows=1_000_000):
    return pandas.DataFrame({
        "number": numpy.arange(rows), "value": numpy.random.rand(rows),
        "text": [f"text number {n}" for n in range(rows)],
        "time": pandas.date_range("2024", periods=rows, freq="s"),
    })  # fmt: skip


SMALL = 20_000  # rows, about 1 MiB

# Each small one before the large one of its kind.
MAKERS = {
    "bytearray, 1 MiB": lambda: bytearray(1 << 20),
    "10,000 dicts": lambda: [{"number": n, "text": f"text {n}"} for n in range(10_000)],
    "bytes, 1 MiB": lambda: bytes(1 << 20),
    "bytes, 1 GiB": lambda: bytes(1 << 30),
    "numpy, 1 MiB": lambda: numpy.ones(1 << 17),
    "numpy, 1 GiB": lambda: numpy.ones(1 << 27),
    "pandas, 20 k rows": lambda: frame(SMALL),
    "pandas, 1 M rows": frame,
    "pyarrow, 20 k rows": lambda: pyarrow.Table.from_pandas(frame(SMALL)),
    "pyarrow, 1 M rows": lambda: pyarrow.Table.from_pandas(frame()),
    "polars, 20 k rows": lambda: polars.from_pandas(frame(SMALL)),
    "polars, 1 M rows": lambda: polars.from_pandas(frame()),
}


def memory(os_pids):
    """What processes have for themselves, and all memory that is shared, in MiB."""
    sizes = [field("/proc/meminfo", "Shmem:")]
    return sum(sizes + [field(f"/proc/{each}/smaps_rollup", "Pss_Anon:") for each in os_pids])


def field(path, name):
    with open(path) as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024


def trim():
    """Gives back what allocators keep: it is nobody's."""
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)


def settled(target):
    """The memory of this OS process and that of the target, in MiB."""
    collect()
    trim()
    os_pid = call(target, "trim")[1]
    time.sleep(0.2)
    return memory({os.getpid(), os_pid})


def line(name, small):
    """Prints it, and returns the time in one OS process."""
    status, answer = call("sender", "measure", name, timeout=300)
    assert status == "ok", answer
    (here, *grown), (unit, *grown_there), (copied, copy) = answer
    to_small = f"{here / small:9.1f}" if "1 GiB" in name or "1 M rows" in name else " " * 9
    print(f"{name:20}{here * 1e6:9.0f}{copied / here:9.1f}{to_small}{grown[0]:9.1f}{grown[1]:9.1f}"
          f"{unit * 1e6:9.0f}{copied / unit:9.1f}{grown_there[0]:9.1f}{grown_there[1]:9.1f}"
          f"{copied * 1e6:9.0f}{copy:9.1f}", flush=True)  # fmt: skip
    return here


def main():
    run_register_process(Receiver("here"))
    run_register_process(child(Receiver("unit"), isolation="process"))
    run_register_process(Sender())
    frame()
    for name in MAKERS:  # what libraries keep once they are used
        call("sender", "measure", name, timeout=300)
    print(HEAD)
    small = None
    for name in MAKERS:
        small = line(name, small)


if __name__ == "__main__":
    main()
