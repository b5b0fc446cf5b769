"""Code that is ended gives back what it holds, in the placement that the first argument names."""

import sys

from waiting import wait_until

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    ask,
    call,
    cast,
    child,
    receive,
    sleep,
    start_child,
    stop,
    terminate_child,
)

ISOLATION = sys.argv[1]


class Pool(GenPy):
    name = "pool"

    def __init__(self):
        self.taken, self.given_back = 0, []

    @receive("take")
    def take(self, message):
        self.taken += 1

    @receive("release")
    def release(self, message):
        self.given_back.append(message)

    @receive("counts")
    def counts(self):
        return self.taken, sorted(self.given_back)

    @receive("never")
    def never(self):
        sleep(600)


class Slow(Pool):
    name = "slow"


class Holder(GenPy):
    @receive("hold")
    def hold(self, message):
        try:
            ask("pool", "take", None, 75)
            sleep(600) if message == "sleep" else call("slow", "never", timeout=600)
        finally:
            print(*[cast("pool", "release", message) for _ in range(2)], flush=True)


class WithStop(Holder):
    @stop()
    def end(self): ...


def main():
    cases = [(item, how) for item in (Holder, WithStop) for how in ("sleep", "call")]
    for number, (item, how) in enumerate(cases, 1):
        pid = start_child(
            "workers", child(item, restart="temporary", shutdown=75.0, isolation=ISOLATION)
        )
        cast(pid, "hold", how)
        wait_until(lambda number=number: ask("pool", "counts", None, 75)[0] == number)
        terminate_child("workers", pid)
    print(wait_until(lambda: found if len((found := ask("pool", "counts"))[1]) == 8 else None))


if __name__ == "__main__":
    Supervisor(
        [
            Pool(),
            Slow(),
            DynamicSupervisor(name="workers"),
            child(main, restart="transient", significant=True),
        ],
        auto_shutdown="any_significant",
    )
