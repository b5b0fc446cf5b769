"""What runs on each node of the cluster that check.py tries: actors that hold names, and clients.

All that happens is in files of the folder argv[1], as a node may end at any moment. A line is
written before something is asked for, and one when it was answered.
"""

import contextlib
import fcntl
import json
import os
import sys
import time

from rebeam import (
    GenPy,
    GlobalName,
    Supervisor,
    call,
    child,
    fence,
    merge,
    receive,
    register,
    run_register_process,
    self_pid,
    send_after,
    start,
    whereis_global,
)

FOLDER = sys.argv[1] if len(sys.argv) > 1 else "."
NODE = os.environ.get("REBEAM_CHECKED", str(os.getpid()))
PERIOD = 0.02


def now():
    return time.monotonic_ns()


class Log:
    """Lines of JSON, each written at once."""

    def __init__(self, kind):
        path = os.path.join(FOLDER, f"{kind}-{os.getpid()}.log")
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, **fields):
        os.write(self.file, json.dumps(fields).encode() + b"\n")


LOGS = {}


def log(kind, **fields):
    if kind not in LOGS:
        LOGS[kind] = Log(kind)
    LOGS[kind].write(**fields)


def act(name):
    """The caller says that it holds the name; LookupError if it does not."""
    begin = now()
    number = fence()
    log("acts", name=name, fence=number, begin=begin, end=now(), pid=os.getpid())
    return number


def store(name, number, value):
    """A store that all nodes share. It refuses what comes with a smaller number than it has seen."""
    with open(os.path.join(FOLDER, f"store-{name}"), "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        lines = file.read().split("\n")[:-1]
        if lines and json.loads(lines[-1])[0] > number:
            return False
        file.write(json.dumps([number, value]) + "\n")
        return True


class Keeper(GenPy):
    """One in the cluster: it adds to a set that is in the store."""

    @start()
    def begin(self):
        act("keeper")

    @receive("add")
    def add(self, message):
        if not store("keeper", act("keeper"), message):
            raise RuntimeError("fenced")
        return True


class Bag(GenPy):
    """One in each part of the cluster: a set in memory, which is merged."""

    def __init__(self):
        self.values = set()

    @start()
    def begin(self):
        register("bag", "cluster", split="both")

    @receive("add")
    def add(self, message):
        self.values.add(message)
        return True

    @receive("all")
    def all(self):
        return self.values

    @merge()
    def both(self, other_state):
        self.values |= other_state["values"]


class Holder(GenPy):
    """Wants a name, for a while, again and again, and says when it has it."""

    def __init__(self, name):
        self.own = name
        self.has = 0

    @start()
    def begin(self):
        send_after(PERIOD, self_pid(), "look")

    @receive("look")
    def look(self):
        try:
            if self.has == 0:
                register(self.own, "cluster")
                self.has = 1
            act(self.own)
            self.has += 1
        except (ValueError, RuntimeError, LookupError, TimeoutError):
            self.has = 0
        if self.has > 200:
            raise SystemExit  # its supervisor starts the next one
        send_after(PERIOD if self.has else 5 * PERIOD, self_pid(), "look")


class Candidate(GenPy):
    """Starts a bag where none is."""

    @start()
    def begin(self):
        send_after(PERIOD, self_pid(), "look")

    @receive("look")
    def look(self):
        if whereis_global("bag") is None:
            # Another one may be faster, or a node not answer.
            with contextlib.suppress(RuntimeError):
                run_register_process(child(Bag, restart="temporary"))
        send_after(10 * PERIOD, self_pid(), "look")


class Client(GenPy):
    """Adds to one of the sets, as fast as that answers."""

    def __init__(self, target):
        self.target = target
        self.count = 0

    @start()
    def begin(self):
        send_after(PERIOD, self_pid(), "go")

    @receive("go")
    def go(self):
        self.count += 1
        value = f"{os.getpid()}.{self.count}"
        log(self.target, value=value, begin=now())
        status, _ = call(GlobalName(self.target), "add", value, timeout=1.0)
        log(self.target, value=value, end=now(), status=str(status))
        send_after(PERIOD if status else 5 * PERIOD, self_pid(), "go")


class Reporter(GenPy):
    """Writes who has which name, as this node sees it, and what the bag has, again and again."""

    @start()
    def begin(self):
        send_after(PERIOD, self_pid(), "look")

    @receive("look")
    def look(self):
        seen = {name: who(name) for name in ("keeper", "first", "second", "bag")}
        status, values = call(GlobalName("bag"), "all", timeout=1.0)
        report = {"at": now(), "seen": seen, "bag": sorted(values) if status else None}
        path = os.path.join(FOLDER, f"report-{NODE}")
        with open(path + ".new", "w") as file:
            json.dump(report, file)
        os.rename(path + ".new", path)
        send_after(25 * PERIOD, self_pid(), "look")


def who(name):
    """Who has it, alike on all nodes."""
    pid = whereis_global(name)
    return None if pid is None else f"{pid.node} {str(pid).partition('.')[2]}"


def often(item, id):
    return child(item, id=id, backoff=(0.05, 0.1))


if __name__ == "__main__":
    Supervisor(
        [
            child(Keeper, name=GlobalName("keeper"), once="cluster", backoff=(0.02, 0.1)),
            often(Holder("first"), "first"),
            often(Holder("second"), "second"),
            often(Candidate, "candidate"),
            often(Reporter, "reporter"),
            often(Client("keeper"), "keepers"),
            often(Client("bag"), "bags"),
        ],
        max_restarts=100000,
        max_seconds=1,
    )
