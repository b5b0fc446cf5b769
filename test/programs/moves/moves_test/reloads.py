"""A counter that is called all the time while it moves and its module is loaded again on both nodes, both
at the same time. argv: isolation, rounds, callers a node."""

import os
import sys
import threading

import reloaded_count
import reloads_program
from load_program import callers, found, stop, total
from waiting import wait_until

from rebeam.testing import cluster

ISOLATION, ROUNDS, CALLERS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def edit(version):
    with open(reloaded_count.__file__) as file:
        text = file.read()
    changed = text.replace(f"__version__ = {version - 1}\n", f"__version__ = {version}\n")
    assert changed != text
    # At once, as a reload may read it.
    with open(reloaded_count.__file__ + ".new", "w") as file:
        file.write(changed)
    os.replace(reloaded_count.__file__ + ".new", reloaded_count.__file__)


def beside(function, *args):
    """Runs it in a thread, and what it returned comes into a list."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*args)))
    thread.start()
    return thread, results


def rounds(nodes, pid):
    """How many moves were done, and why the others were not."""
    done, refusals = 0, []
    for version in range(1, ROUNDS + 1):
        edit(version)
        there = nodes[version % 2]
        mover, results = beside(
            lambda there=there: nodes[0].run(reloads_program.moved, pid, there.name, timeout=120.0)
        )
        refused = nodes[version // 2 % 2].run(reloads_program.again, timeout=120.0)
        assert refused == (), refused
        mover.join()
        [why] = results
        done, refusals = done + (why is None), refusals + ([why] if why else [])
    return done, refusals


def main():
    options = ["--log-level", "error", "--workers", "1"]
    with cluster(2, reloads_program.__file__, options=options) as nodes:
        for each in nodes:
            wait_until(lambda each=each: each.run(found, "sup"))
        pid = nodes[0].run(reloads_program.begin, ISOLATION, timeout=120.0)
        for each in nodes:
            each.run(callers, pid, CALLERS)
        done, refusals = rounds(nodes, pid)
        told = [each.run(stop, timeout=60.0) for each in nodes]
        assert not any(each["wrong"] for each in told), told
        count = sum(each["calls"] for each in told)
        assert nodes[0].run(total, pid) == count, (count, told)
        seen, version = nodes[0].run(reloads_program.seen, pid)
        assert (seen, version) == (list(range(ROUNDS)), ROUNDS), (seen, version)
        assert all("which cannot take it" in why for why in refusals), refusals
        print(f"{done} moves, {len(refusals)} refused, {count} calls", file=sys.stderr)
        print("done", ROUNDS)


if __name__ == "__main__":
    main()
