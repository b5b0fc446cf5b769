"""So many nodes on this machine: a call to one of them, and a publication, for each of its subscribers."""

import time

from bench.line import Curve

from rebeam import GenPy, call, child, publish, receive, start, subscribe, this_node
from rebeam.testing import cluster, wait_until

curve = Curve(
    "nodes",
    "nodes",
    {"call": "us", "publication": "us a node"},
    [1, 2, 4, 8],
)
CALLS, PUBLICATIONS = 1_000, 500


class Echo(GenPy):
    name = "echo"

    def __init__(self):
        self.count = 0

    @start()
    def boot(self):
        subscribe("news")

    @receive("news")
    def news(self):
        self.count += 1

    @receive("count")
    def total(self):
        return self.count

    @receive("publish")
    def publish(self, message):
        for _ in range(message):
            publish("news", None)

    @receive("calls")
    def calls(self, message):
        """Microseconds a call, by this one."""
        begin = time.perf_counter()
        for _ in range(CALLS):
            assert call(message, "count")[0] == "ok"
        return (time.perf_counter() - begin) * 1e6 / CALLS


@curve.measure
def measure(size):
    # A node finds the class by its module's name.
    from bench.curves.nodes import Echo as Importable

    with cluster(size + 1) as nodes:
        pids = [node.start(child(Importable)) for node in nodes]
        assert this_node() not in [node.name for node in nodes]
        status, called = call(pids[0], "calls", pids[1], timeout=None)
        assert status == "ok", called
        begin = time.perf_counter()
        call(pids[0], "publish", PUBLICATIONS, timeout=None)
        for pid in pids:
            wait_until(lambda pid=pid: call(pid, "count")[1] >= PUBLICATIONS, 100)
        taken = time.perf_counter() - begin
        return {"call": called, "publication": taken * 1e6 / PUBLICATIONS / size}


if __name__ == "__main__":
    curve.serve()
