"""What it costs that somebody looks at 100,000 actors, as `rebeam top` does: the busiest of them, every three
seconds. Time of processors, of all threads, beside the same time without looks."""

import time

from bench.line import Goal, Line

from rebeam import DynamicSupervisor, GenPy, Supervisor, observe, sleep, start_children

line = Line(
    "100,000 actors, looked at every 3 s", "% of a core", [Goal(1)], loads=["quiet"], slow=True
)
ACTORS, PERIOD, SHOWN = 100_000, 3.0, 50


class Idle(GenPy):
    pass


def nothing():
    pass


def look():
    assert len(observe.actors("load", SHOWN)) == SHOWN


def used(work, count):
    """Seconds of processors that `count` periods take which begin with that."""
    begin = time.process_time()
    for _ in range(count):
        until = time.monotonic() + PERIOD
        work()
        sleep(until - time.monotonic())
    return time.process_time() - begin


@line.ours(10)
def ours(count):
    with Supervisor([DynamicSupervisor(name="many")]):
        start_children("many", [Idle] * ACTORS)
        look()
        idle, looked = used(nothing, count), used(look, count)
        return (looked - idle) / (count * PERIOD) * 100


if __name__ == "__main__":
    line.serve()
