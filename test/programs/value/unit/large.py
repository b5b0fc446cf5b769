import gc
import os
import sys

from waiting import wait_until

from rebeam import GenPy, call, child, exit, receive, run_register_process
from rebeam._runtime import rebeam_info

try:
    import numpy
except ImportError:
    numpy = None
else:
    import pandas
SIZE = 32 << 20


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def make(n):
    data = bytes([n]) * SIZE
    made = {"bytes": data, "view": memoryview(data), "kind": "plain"}
    if numpy is not None:
        array = numpy.frombuffer(data, dtype="i8").reshape(-1, 8)
        made |= {
            "array": array,
            "columns": numpy.asfortranarray(array),
            "kind": "numpy",
            "frame": pandas.DataFrame({"a": array[:, 0], "b": ["x"] * len(array)}),
        }
    return made


def right(got, n):
    word = int.from_bytes(bytes([n]) * 8, "little")
    found = [got["bytes"] == bytes([n]) * SIZE, got["view"] == got["bytes"], got["view"].readonly]
    if "array" in got:
        array, columns, frame = got["array"], got["columns"], got["frame"]
        found += [
            bool((array == word).all()),
            array.shape == (SIZE // 64, 8),
            not array.flags.writeable,
            columns.flags.f_contiguous,
            bool((columns == word).all()),
            list(frame.columns) == ["a", "b"],
            bool((frame.a == word).all()),
            frame.b.iloc[-1] == "x",
        ]
    return all(found)


class Holder(GenPy):
    @receive("where")
    def where(self):
        return os.getpid(), id(Holder)

    @receive("make")
    def make(self, message):
        return make(message)

    @receive("keep")
    def keep(self, message):
        n, self.kept = message
        return right(self.kept, n)

    @receive("right")
    def right(self, message):
        return right(self.kept, message)

    @receive("views")
    def views(self, message):
        self.kept = message

    @receive("kind")
    def kind(self):
        return make(1)["kind"]


def settled():
    wait_until(lambda: (gc.collect(), not rebeam_info()["shared"])[1])
    return rebeam_info()["shared"]


if __name__ == "__main__":
    isolation = sys.argv[1]

    def start():
        return run_register_process(child(Holder, isolation=isolation, restart="temporary"))

    holders = [start(), start()]
    places = {call(pid, "where")[1] for pid in holders} | {(os.getpid(), id(Holder))}
    print(len({pid for pid, _ in places}), len(places))
    print(*[call(pid, "kind", timeout=60)[1] for pid in holders])
    for n, (maker, keeper) in enumerate([holders, holders[::-1]], 1):
        made = call(maker, "make", n, timeout=60)[1]
        print(right(made, n), call(keeper, "keep", (n, made), timeout=60))
        del made
    # Who made it ends; it stays with who has it.
    exit(holders[0], "kill")
    print(call(holders[1], "right", 1, timeout=60))
    others = []
    if isolation != "process":
        view = memoryview(bytes(8 * SIZE))
        before = memory()
        for _ in range(4):
            others.append(start())
            call(others[-1], "views", [view], timeout=60)
        print("not copied" if memory() - before < SIZE else memory() - before)
        del view
    for pid in holders[1:] + others:
        exit(pid, "kill")
    print("left", settled())
