"""Short lives, all ways of sending, all ends: nothing crashes, and the counts are back."""

import random
import sys
import threading
import time

from baseline import counts, settled
from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    async_,
    await_,
    call,
    call_many,
    cast,
    child,
    exit,
    info,
    no_reply,
    receive,
    run_register_process,
    send,
    sleep,
    start,
    whereis,
)

ROUNDS = 3000
SEED = random.randrange(2**32)
NAMES = [f"victim {number}" for number in range(10)]


class Victim(GenPy):
    mailbox_limit = 7

    def __init__(self):
        self.random = random.Random()

    @start()
    def boot(self):
        if self.random.random() < 0.3:
            sleep(0.002)

    @receive("x")
    def x(self, message, source):
        chance = self.random.random()
        if chance < 0.002:
            raise ValueError("x")
        if chance < 0.05:
            sleep(0.003)
        elif chance < 0.08:
            end = time.monotonic() + 0.003
            while time.monotonic() < end:
                pass
        elif chance < 0.10:
            return no_reply()
        return message

    @info()
    def plain(self, message):
        pass


class Sender(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("go")
    def go(self):
        drive(self.name)

    @receive()
    def other(self, subject, message):
        pass


def drive(sender):
    chance = random.Random(f"{sender} {SEED}")
    soon = [
        lambda pid, name: cast(pid, "x", 1),
        lambda pid, name: cast(name, "x", 1),
        lambda pid, name: cast(pid, "x", b"x" * 100_000),
        lambda pid, name: send(pid, 1),
        lambda pid, name: call(pid, "x", 1, timeout=chance.random() * 0.004),
        lambda pid, name: call(pid, "x", 1, timeout=chance.random() * 0.004, interrupt=True),
        lambda pid, name: call_many([(pid, "x", 1), (name, "x", 1)], timeout=0.002),
    ]
    for _ in range(ROUNDS):
        name = chance.choice(NAMES)
        pid = whereis(name)
        if pid is None:
            sleep(0.001)
        elif chance.random() < 0.01:
            exit(pid, chance.choice(["kill", "shutdown", "other"]))
        else:
            chance.choice(soon)(pid, name)


def main():
    before = counts()
    victims = [
        child(Victim(), name=name, thread="dedicated" if number % 3 == 0 else None)
        for number, name in enumerate(NAMES)
    ]
    tree = run_register_process(child(Supervisor(victims, max_restarts=10**7), restart="temporary"))
    senders = [
        run_register_process(child(Sender(f"sender {number}"), restart="temporary"))
        for number in range(6)
    ]
    threads = [threading.Thread(target=drive, args=(f"thread {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    tasks = [async_(lambda pid=pid: call(pid, "go", timeout=None)) for pid in senders]
    print({await_(task, None)[0].value for task in tasks})
    for thread in threads:
        thread.join()
    for pid in senders:
        exit(pid, "shutdown")
    exit(tree, "kill")
    wait_until(lambda: not any(map(whereis, NAMES)))
    print(settled(before), flush=True)
    print(f"seed {SEED}", file=sys.stderr)


Supervisor(modules=[child(main, restart="temporary", significant=True)])
