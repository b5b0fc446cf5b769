import os
import threading

from baseline import counts, settled
from waiting import wait_until

from rebeam import GenPy, Status, Supervisor, call, receive, run_register_process, sleep

# While it is empty, "slow" waits.
released = []


class Bad(GenPy):
    def __init__(self, items):
        self.name = "bad"
        self.items = items

    @receive("crash")
    def crash(self, message):
        sleep(0)
        raise ValueError(message)

    @receive("slow")
    def slow(self):
        wait_until(lambda: released)

    @receive("there")
    def there(self):
        return True


def drive(rounds):
    for n in range(rounds):
        wait_until(lambda: call("bad", "there")[0])
        status, reason = call("bad", "crash", {"n": [n] * 10})
        assert status == "down" and f"'n': [{n}, " in reason, reason
        wait_until(lambda: call("bad", "there")[0])
        released.clear()
        assert call("bad", "slow", timeout=0.001)[0] == "timeout"
        released.append(n)
        try:
            call("bad", "x", [threading.Lock()])
        except TypeError:
            pass
        assert call("nobody", "x") == (Status.DOWN, "noproc")


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main():
    pid = run_register_process(Supervisor(modules=[Bad([1])], max_restarts=10_000))
    from rebeam import _trees

    _trees.take_made()
    drive(30)
    before, before_memory = counts(), memory()
    drive(150)
    grown = memory() - before_memory
    print("flat" if grown < 8 << 20 else f"grown {grown}")
    print(settled(before))


main()
