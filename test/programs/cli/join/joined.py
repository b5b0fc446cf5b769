"""Evaluates what comes through standard input. Its actors are on worker machines, some of them only
there."""

import os
import sys
import threading

import joined_beside

from rebeam import (  # noqa: F401  what is evaluated may want them
    REST_FOR_ONE,
    Counter,
    DynamicSupervisor,
    GenPy,
    ProcessID,
    Supervisor,
    Table,
    ask,
    call,
    child,
    count_children,
    info,
    receive,
    run_register_process,
    spawn_on,
    start,
    start_child,
    start_children,
    stop,
    this_node,
    whereis,
    which_children,
)
from rebeam._runtime import rebeam_info  # noqa: F401


class Worker(GenPy):
    @receive("where")
    def where(self):
        import joined_lazy

        return os.getpid(), os.getcwd(), joined_beside.NAME + joined_lazy.NAME

    @receive("environ")
    def environ(self, message):
        return os.environ.get(message)

    @receive("evaluate")
    def evaluate(self, message):
        return tried(message)

    @receive("say")
    def say(self, message):
        print("said", message, flush=True)

    @receive("crash")
    def crash(self):
        os._exit(7)

    @receive("length")
    def length(self, message):
        return len(message), bytes(message)

    @stop()
    def end(self, reason):
        print("stopped", type(self).__name__, reason, flush=True)


def tried(text):
    try:
        return repr(eval(text, globals()))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def drive():
    while line := sys.stdin.readline():
        print("=", tried(line), flush=True)


def everywhere():
    return sorted({ask(each.pid, "where")[0] for each in which_children("all") if each.pid})


class Starter(GenPy):
    @start()
    def begin(self):
        threading.Thread(target=drive, daemon=True).start()
        print("ready", flush=True)


if __name__ == "__main__":
    Supervisor(
        [
            child(Worker(), name="labelled", where="gpu"),
            child(Worker(), name="any", isolation="process"),
            DynamicSupervisor(name="all", max_restarts=2, max_seconds=60),
            child(Starter()),
        ]
    )
