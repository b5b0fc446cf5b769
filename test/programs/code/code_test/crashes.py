"""A change after which more actors crash than was allowed is taken back; in the placement that the
first argument names."""

import sys

import edited
from edited import source, write
from waiting import wait_until

from rebeam import Supervisor, ask, call, child, reload, versions

ISOLATION = sys.argv[1]
TEXT = """
    from rebeam import GenPy, receive
    FACTOR = 1
    class Counter(GenPy):
        def __init__(self, name): self.name, self.n = name, 0
        @receive("add")
        def add(self, message):
            self.n += message * FACTOR
            return self.n
        @receive("gone")
        def gone(self): return "there"
    """


def version():
    return next(each.version for each in versions() if each.module == "fragile")


def main():
    m = edited.module(TEXT, "fragile")
    names = ["a", "b"]
    children = [child(m.Counter(name), isolation=ISOLATION) for name in names]
    with Supervisor(children, max_restarts=100):
        assert [ask(name, "add", 1) for name in names] == [1, 1]
        good = source(m)
        bad = good.replace("self.n += message * FACTOR", "self.n += message / 0")
        bad = bad.replace("FACTOR = 1", "FACTOR = 2\nMORE = 3").replace('"gone"', '"new"')
        write("fragile", bad)
        result = reload("fragile", max_crashes=2, max_seconds=60)
        assert result.refused == () and version() == 2, result
        crashes = 0
        while version() == 2:
            crashes += not call("a", "add", 1)[0]
            wait_until(lambda: call("a", "new")[0] or call("a", "gone")[0])
            assert crashes < 50
        # The last of these calls may have come to the code as it was before.
        n = wait_until(lambda: call("a", "add", 1)[0] and ask("a", "add", 0))
        assert n in (1, 2) and ask("a", "add", 1) == n + 1
        assert crashes >= 3 and version() == 1 and m.FACTOR == 1 and not hasattr(m, "MORE")
        assert ask("b", "add", 1) == 2 and ask("b", "gone") == "there"  # it never crashed

        # The file still has it: as often as it is asked for.
        result = reload("fragile", max_crashes=1000)
        assert result.refused == () and version() == 3 and ask("b", "new") == "there", result
        write("fragile", good)
        assert reload("fragile").refused == () and version() == 4
        assert ask("b", "add", 1) == 3
        print("done", file=sys.stdout)


if __name__ == "__main__":
    main()
