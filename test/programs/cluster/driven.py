"""Evaluates what comes through standard input, in the actor that a line names: "who expression"."""

import sys
import threading

from rebeam import (  # noqa: F401  what is evaluated may want them
    GenPy,
    NodeDown,
    NodeUp,
    ProcessID,
    Supervisor,
    ask,
    call,
    child,
    connect,
    demonitor_nodes,
    disconnect,
    info,
    monitor_nodes,
    nodes,
    receive,
    start,
    this_node,
    whereis_global,
)


def tried(text):
    try:
        return repr(eval(text))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Actor(GenPy):
    def __init__(self):
        self.seen = []

    @receive("tried")
    def tried(self, message):
        return tried(message)

    @receive("seen")
    def take_seen(self):
        seen, self.seen = self.seen, []
        return seen

    @info()
    def note(self, message):
        if isinstance(message, NodeUp | NodeDown):
            self.seen.append(message)
            print(message, flush=True)


class Async(Actor):
    @receive("tried")
    async def tried(self, message):
        return tried(message)


def drive():
    while line := sys.stdin.readline():
        who, _, text = line.strip().partition(" ")
        print("=", tried(text) if who == "-" else ask(who, "tried", text, 20), flush=True)


class Starter(GenPy):
    @start()
    def begin(self):
        threading.Thread(target=drive, daemon=True).start()
        print("ready", flush=True)


if __name__ == "__main__":
    Supervisor(
        [
            child(Actor(), name="a"),
            child(Async(), name="async"),
            child(Actor(), name="unit", isolation="process"),
            child(Starter()),
        ]
    )
