from baseline import counts, settled
from spawn_actors import Owner
from waiting import wait_until

from rebeam import (
    GenPy,
    async_,
    await_,
    call,
    exit,
    is_alive,
    receive,
    run_register_process,
    sleep,
    spawn,
)

run_register_process(Owner)


class Slow(GenPy):
    name = "slow"

    @receive("rest")
    def rest(self):
        sleep(60)


def in_call():
    begun.append(1)
    call("nap", "rest", timeout=None)


def in_sleep():
    begun.append(1)
    sleep(60)


def on_a_thread():
    begun.append(1)
    sorted([1], key=lambda _: sleep(60))


def in_await():
    begun.append(1)
    await_(async_(sleep, 60), None)


run_register_process(Slow())
begun = []
ways = (in_call, in_sleep, on_a_thread, in_await)
for way in ways:
    exit(spawn(way), "kill")
before = counts()
begun.clear()
for reason in ("kill", "boom"):
    pids = [spawn(way) for way in ways for _ in range(20)]
    wait_until(lambda: len(begun) == len(pids))
    begun.clear()
    for pid in pids:
        exit(pid, reason)
    wait_until(lambda: not any(map(is_alive, pids)))
    print(settled(before))
