"""A service that is called all the time while its module is loaded again, 100 times."""

import sys
import threading
import time

import edited
from edited import change

from rebeam import Supervisor, ask, child

ISOLATION, RELOADS, CALLERS, PAUSE = (
    sys.argv[1],
    int(sys.argv[2]),
    int(sys.argv[3]),
    float(sys.argv[4]),
)
TEXT = """
    from rebeam import GenPy, code_change, receive
    VERSION = 0
    class Counter(GenPy):
        def __init__(self, name): self.name, self.n, self.of = name, 0, VERSION
        @code_change()
        def become(self, old_version): self.of = VERSION
        @receive("of")
        def state_of(self): return self.of
        @receive("add")
        def add(self, message):
            self.n += message
            return self.n, self.version(), 0
        def version(self): return VERSION
    """


def caller(name, over, told):
    """Calls until it is over: how many, the longest pause, and the versions that it saw."""
    count, longest, seen, before = 0, 0.0, [], time.perf_counter()
    while not over.is_set():
        n, version, told_version = ask(name, "add", 1)
        count += 1
        assert n == count, (n, count)
        if not seen or seen[-1] != (version, told_version):
            seen.append((version, told_version))
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    told.append((count, longest, seen))


def main():
    m = edited.module(TEXT, "served")
    names = [f"counter {n}" for n in range(CALLERS)]
    with Supervisor([child(m.Counter(name), isolation=ISOLATION) for name in names]):
        over, told = threading.Event(), []
        threads = [threading.Thread(target=caller, args=(name, over, told)) for name in names]
        for each in threads:
            each.start()
        times, start = [], time.perf_counter()
        for n in range(RELOADS):
            before = time.perf_counter()
            result = change(
                m,
                (f"VERSION = {n}\n", f"VERSION = {n + 1}\n"),
                (f"version(), {n}\n", f"version(), {n + 1}\n"),
            )
            times.append(time.perf_counter() - before)
            assert result.refused == () and result.actors == CALLERS, result
            time.sleep(PAUSE)
        seconds = time.perf_counter() - start
        over.set()
        for each in threads:
            each.join()
        for count, _, seen in told:
            assert seen == sorted(seen), seen
        assert len(told) == CALLERS
        for name in names:
            assert ask(name, "add", 0)[1:] == (RELOADS, RELOADS)
            assert ask(name, "of") == RELOADS
        calls = sum(count for count, _, _ in told)
        print(
            f"{calls / seconds:.0f} calls/s, longest pause {1000 * max(p for _, p, _ in told):.1f} ms, "
            f"reload {1000 * sorted(times)[len(times) // 2]:.1f} ms median, {1000 * max(times):.1f} at most; mixed {[(v, t) for _, _, seen in told for v, t in seen if v != t][:5]}",
            file=sys.stderr,
        )
        print("done", RELOADS)


if __name__ == "__main__":
    main()
