import os

from waiting import wait_until

from rebeam import (
    Flag,
    GenPy,
    Supervisor,
    call,
    child,
    delete_child,
    is_alive,
    monitor,
    receive,
    restart_child,
    sleep,
    start,
    start_child,
    stop,
    terminate_child,
    whereis,
    which_children,
)


class Worker(GenPy):
    def __init__(self, name, slow=0):
        self.name, self.slow = name, slow

    @start()
    def begin(self):
        print("start", self.name)

    @stop()
    def end(self, reason):
        print("stop", self.name, reason)
        sleep(self.slow)
        print("stopped", self.name)

    @receive("pid")
    def pid(self):
        return os.getpid()


def driver():
    def add(name, slow=0, **options):
        return start_child(
            "top", child(Worker(name, slow), id=name, isolation="process", **options)
        )

    a, b, c = add("a"), add("b", shutdown="brutal_kill"), add("c", 60, shutdown=3)
    print(a == whereis("a"), [each.id for each in which_children("top")][1:], call(a, "pid")[0])
    for each in (a, "b", c):
        terminate_child("top", each)
    print(
        [is_alive(each) for each in (a, b, c)], [each.state for each in which_children("top")][1:]
    )
    fresh = restart_child("top", "a")
    print(fresh == whereis("a"), fresh != a)
    terminate_child("top", fresh)
    delete_child("top", "a")
    print([each.id for each in which_children("top")][1:])
    run = start_child("top", child(forever, isolation="process"))
    wait_until(begun.get)
    print(is_alive(run), monitor(run) is not None)
    terminate_child("top", run)
    print(is_alive(run))


begun = Flag("begun")


def forever():
    try:
        begun.set()
        sleep(60)
    finally:
        print("finally")


if __name__ == "__main__":
    Supervisor([child(driver, restart="transient", significant=True)], name="top")
