"""Trees that run for the length of a `with` block."""

import sys

from waiting import wait_until

from rebeam import (
    CallDown,
    DynamicSupervisor,
    GenPy,
    Supervisor,
    ask,
    child,
    count_children,
    receive,
    start_child,
    stop,
    whereis,
    which_children,
)


class Counter(GenPy):
    def __init__(self, name="counter"):
        self.name, self.n = name, 0

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n

    @receive("crash")
    def crash(self):
        raise ValueError("broken")

    @receive("block")
    def block(self):
        with Supervisor([Counter("inner")]):
            return ask("inner", "add", 5)

    @stop()
    def ends(self, reason):
        print(self.name, "ends:", reason.splitlines()[-1], flush=True)


class Refuses(GenPy):
    def __init__(self):
        raise OSError("no device")


def crash():
    try:
        ask("counter", "crash")
    except CallDown as error:
        print(error)


def plain():
    with Supervisor([child(Counter("one"), id="1"), child(Counter("two"))]) as sup:
        print([each.id for each in which_children(sup)], ask("one", "add", 2), ask("two", "add", 3))
        with DynamicSupervisor() as other:
            start_child(other, Counter("three"))
            print(count_children(other)["active"], ask("three", "add", 4))
    print([whereis(name) for name in ("one", "two", "three")])


def raises():
    try:
        with Supervisor([Counter()], max_restarts=0) as sup:
            crash()
            wait_until(lambda: not sup.alive())
            raise KeyError("of the block")
    except KeyError as error:
        print(repr(error), whereis("counter"))


def gives_up():
    try:
        with Supervisor([Counter()], max_restarts=0) as sup:
            crash()
            wait_until(lambda: not sup.alive())
    except RuntimeError as error:
        print(str(error).splitlines()[0], "...", str(error).splitlines()[-1])


def ends_itself():
    with Supervisor([child(lambda: None, significant=True, name="short")]) as sup:
        wait_until(lambda: not sup.alive())


def does_not_start():
    try:
        with Supervisor([Counter(), Refuses]):
            print("not here")
    except RuntimeError as error:
        print(str(error).splitlines()[0], "...", str(error).splitlines()[-1])


def twice():
    tree = Supervisor([Counter])
    with tree:
        try:
            with tree:
                print("not here")
        except RuntimeError as error:
            print(error)
        ask("counter", "add", 1)
    with tree:
        print(ask("counter", "add", 1))


def restarts():
    with Supervisor([Counter()]):
        ask("counter", "add", 6)
        crash()
        wait_until(lambda: whereis("counter"))
        print(ask("counter", "add", 1))


def within():
    with Supervisor([child(Counter, isolation=sys.argv[1])]):
        print(ask("counter", "block"))


for each in (plain, raises, gives_up, ends_itself, does_not_start, twice, restarts, within):
    if __name__ == "__main__":
        print("--", each.__name__, flush=True)
        each()
