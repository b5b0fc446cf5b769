import os

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    count_children,
    receive,
    sleep,
    start_child,
    whereis,
    which_children,
)


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("exit")
    def exit(self):
        os._exit(7)

    @receive("name")
    def who(self):
        return self.name


names = [f"w{n}" for n in range(10)]


def settle(old):
    def replaced():
        new = {n: whereis(n) for n in names}
        return all(new[n] and new[n] != old.get(n) for n in names) and new

    return wait_until(replaced)


def driver():
    known = {}
    for crash in range(3):
        known = settle(known)
        print([call(n, "name")[1] == n for n in names].count(True), call("w0", "exit")[1])
    known = settle(known)
    for sup in ("static", "dynamic"):
        print(
            sorted(
                each.pid == known[each.id] if sup == "static" else each.pid in known.values()
                for each in which_children(sup)
            ),
            count_children(sup)["active"],
        )
    cast("w0", "exit")
    sleep(60)


def main():
    each = [child(Worker(n), id=n, isolation="process") for n in names]
    Supervisor(each[:6], name="static", max_seconds=60)
    Supervisor([DynamicSupervisor("dynamic", max_seconds=60), child(fill)])
    Supervisor([child(driver, restart="temporary")])


def fill():
    for n in names[6:]:
        start_child("dynamic", child(Worker(n), isolation="process"))
    sleep(60)


if __name__ == "__main__":
    main()
