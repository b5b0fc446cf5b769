import time

from baseline import counts, settled
from spawn_actors import Owner

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
    call("nap", "rest", timeout=None)


def in_sleep():
    sleep(60)


def on_a_thread():
    sorted([1], key=lambda _: sleep(60))


def in_await():
    await_(async_(sleep, 60), None)


run_register_process(Slow())
ways = (in_call, in_sleep, on_a_thread, in_await)
for way in ways:
    exit(spawn(way), "kill")
time.sleep(0.2)
before = counts()
for reason in ("kill", "boom"):
    pids = [spawn(way) for way in ways for _ in range(20)]
    time.sleep(0.3)
    for pid in pids:
        exit(pid, reason)
    while any(map(is_alive, pids)):
        time.sleep(0.01)
    print(settled(before))
