"""An actor whose program raised the recursion limit: a key that sorts, and calls far down."""

import sys

from rebeam import GenPy, call, child, receive, run_register_process

LIMIT, DEPTH = 20_000, 60_000


def down(n):
    return sorted([n], key=lambda n: down(n - 1))[0]


class Deep(GenPy):
    @receive("sorted")
    def sorted(self):
        sys.setrecursionlimit(LIMIT)
        try:
            down(0)
        except RecursionError:
            return "RecursionError"

    @receive("calls")
    def calls(self, message):
        sys.setrecursionlimit(2 * DEPTH)
        self.deepest = 0
        return self.deeper(message)

    def deeper(self, target):
        self.deepest += 1
        if self.deepest == DEPTH:
            return call(target, "deepest")[1]
        return self.deeper(target) + 1


class Other(GenPy):
    @receive("deepest")
    def deepest(self):
        return 1


if __name__ == "__main__":
    other = run_register_process(Other())
    for isolation in ("shared", "process"):
        deep = run_register_process(child(Deep(), isolation=isolation))
        print(isolation, call(deep, "sorted", timeout=60)[1])
        print(isolation, call(deep, "calls", other, timeout=60)[1])
