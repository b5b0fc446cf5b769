"""A counter that is called all the time while it moves. argv: isolation, moves, callers a node."""

import sys

import load_program
from load_program import begin, callers, found, moved, stop
from waiting import wait_until

from rebeam.testing import cluster

ISOLATION, MOVES, CALLERS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def main():
    options = ["--log-level", "error", "--workers", "1"]
    with cluster(2, load_program.__file__, options=options) as nodes:
        for each in nodes:
            wait_until(lambda each=each: each.run(found, "sup"))
        pid = nodes[0].run(begin, ISOLATION, timeout=120.0)
        for each in nodes:
            each.run(callers, pid, CALLERS)
        times = []
        for n in range(MOVES):
            seconds, there = nodes[0].run(moved, pid, nodes[(n + 1) % 2].name)
            assert there.partition("-")[0].partition("@")[0] == f"n{(n + 1) % 2 + 1}", there
            times.append(seconds)
        told = [each.run(stop, timeout=60.0) for each in nodes]
        count = sum(each["calls"] for each in told)
        assert nodes[0].run(load_program.total, pid) == count, (count, told)
        assert not any(each["wrong"] for each in told), told
        seconds = max(each["seconds"] for each in told)
        pause = max(each["pause"] for each in told)
        print(
            f"{count / seconds:.0f} calls/s, longest pause {1000 * pause:.1f} ms, "
            f"move {1000 * sorted(times)[len(times) // 2]:.1f} ms median, {1000 * max(times):.1f} at most",
            file=sys.stderr,
        )
        print("done", MOVES)


if __name__ == "__main__":
    main()
