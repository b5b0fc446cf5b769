"""Evaluates what comes through standard input: what may move to another node, and what it has."""

import sys
import threading

from counted_state import Counter, Plain, Undeclared  # noqa: F401  what is evaluated may want them
from waiting import wait_until

from rebeam import (  # noqa: F401
    GenPy,
    GlobalName,
    Registry,
    Supervisor,
    Table,
    ask,
    call,
    child,
    connect,
    move,
    nodes,
    receive,
    reload,
    start_child,
    this_node,
    whereis,
)


def tried(text):
    try:
        return repr(eval(text))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Keeper(GenPy):
    @receive("do")
    def do(self, message):
        return tried(message)


def begin(what, isolation="shared", **options):
    item = globals()[what.rstrip("0123456789")]()
    options = {"name": what, "id": what} | options
    return start_child("sup", child(item, isolation=isolation, **options)) is not None


def drive():
    wait_until(lambda: whereis("sup"))
    print("ready", flush=True)
    while line := sys.stdin.readline():
        print("=", tried(line.strip()), flush=True)


if __name__ == "__main__":
    Supervisor([], name="sup")
    threading.Thread(target=drive, daemon=True).start()
