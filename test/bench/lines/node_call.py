"""A call between two nodes of this machine, beside a bare GenServer.call between two."""

import functools
import os
import socket
import subprocess
import sys
import time

from bench.contest import rebeam
from bench.line import Goal, Line

from rebeam import GenPy, Supervisor, call, receive
from rebeam import cast as send
from rebeam.testing import wait_until

line = Line("a call to another node", "us", [Goal(1.5, "remote GenServer")])


class Echo(GenPy):
    name = "echo"

    @receive("echo")
    def echo(self, message):
        return message

    @receive("drop")
    def drop(self, message):
        pass


class Caller(GenPy):
    name = "caller"

    @receive("calls")
    def calls(self, message):
        """Microseconds a call."""
        target, count = message
        begin = time.perf_counter()
        for number in range(count):
            assert call(target, "echo", number)[1] == number
        return (time.perf_counter() - begin) * 1e6 / count

    @receive("casts")
    def casts(self, message):
        """Microseconds a cast, until all are handled."""
        target, count = message
        begin = time.perf_counter()
        for number in range(count):
            send(target, "drop", number)
        assert call(target, "echo", 1, timeout=None) == ("ok", 1)
        return (time.perf_counter() - begin) * 1e6 / count


HOST = socket.gethostname().split(".")[0]
# The second one is told whom to join.
NAME = f"bench-{os.getpid()}"


@functools.cache
def other():
    """The echo of a second program, which ends with this one's pipe."""
    from rebeam import this_node

    name = NAME + "-other"
    command = [*rebeam("--sname", name, "--connect", this_node()), __file__, "other"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    target = ("echo", f"{name}@{HOST}")
    wait_until(lambda: call(target, "echo", 1) == ("ok", 1), 120)
    return target, process


def ours(what, count):
    target, _ = other()
    with Supervisor([Caller]):
        status, figure = call("caller", what, (target, count), timeout=None)
        assert status == "ok", figure
        return figure


line.ours(5_000, "--sname", "bench-call")(functools.partial(ours, "calls"))
line.elixir("remote GenServer", 10_000)

if __name__ == "__main__":
    if sys.argv[1] == "other":
        with Supervisor([Echo]):
            sys.stdin.read()
    else:
        line.serve()
