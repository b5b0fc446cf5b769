import sqlite3
import threading

from dedicated_actors import Echo, dedicated, last
from waiting import wait_until

from rebeam import (
    GenPy,
    GenStateMachine,
    Supervisor,
    call,
    cast,
    child,
    event,
    exit,
    receive,
    run_register_process,
    sleep,
    whereis,
)
from rebeam._runtime import rebeam_info


class Store(GenPy):
    name = "store"

    def __init__(self, path):
        self.db = sqlite3.connect(path, check_same_thread=True)
        self.db.execute("create table t (n)")

    @receive("add")
    def add(self, message):
        self.db.execute("insert into t values (?)", (message,))
        call("echo", "x")
        return self.db.execute("select sum(n) from t").fetchone()[0]


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "idle"

    def __init__(self):
        self.thread = threading.get_ident()

    @event("go")
    def go(self):
        call("echo", "x")
        return threading.get_ident() == self.thread


def function():
    first = threading.get_ident()
    sleep(0.05)
    call("echo", "x")
    cast("echo", "x")
    print("function", threading.get_ident() == first, flush=True)


def main():
    run_register_process(Echo)
    run_register_process(Supervisor([child(Store(":memory:"), thread="dedicated")]))
    print([call("store", "add", n)[1] for n in (1, 2, 3)])
    exit(whereis("store"), "kill")
    wait_until(lambda: call("store", "add", 10)[0])
    print(call("store", "add", 20))
    dedicated(Machine)
    print(call("machine", "go"))
    dedicated(function)
    print(wait_until(lambda: rebeam_info()["dedicated"] == 2))


last(main)
