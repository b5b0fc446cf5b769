"""Short lives, all ways, all ends: no crash, and the counts are back."""
import random
import sys
import threading
import time

from baseline import counts, settled
from rebeam import *
from rebeam import exit as end
from waiting import wait_until

SECONDS = 10
SEED = random.randrange(2**32)


class Victim(GenPy):
    mailbox_limit = 7

    def __init__(self, thread):
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
        if chance < 0.08:
            t = time.monotonic() + 0.003
            while time.monotonic() < t:
                pass
        if chance < 0.10:
            return no_reply()
        return message

    @info()
    def plain(self, message):
        pass


class Sender(GenPy):
    @receive("go")
    def go(self, message):
        return drive(message)

    @receive()
    def other(self, subject, message):
        pass


def drive(names):
    chance = random.Random()
    n = 0
    stop = time.monotonic() + SECONDS
    while time.monotonic() < stop:
        name = chance.choice(names)
        pid = whereis(name)
        if pid is None:
            sleep(0.001)
            continue
        for _ in range(chance.randrange(1, 20)):
            what = chance.randrange(12)
            if what < 3:
                cast(pid, "x", n)
            elif what < 5:
                call(pid, "x", n, timeout=chance.random() * 0.004)
            elif what < 6:
                call(pid, "x", n, timeout=chance.random() * 0.004, interrupt=True)
            elif what < 7:
                send(pid, n)
            elif what < 8:
                cast(name, "x", n)
            elif what < 9:
                call_many([(pid, "x", n), (name, "x", n)], timeout=0.002)
            elif what < 10:
                cast(pid, "x", b"x" * 100_000)
            elif what < 11 and chance.random() < 0.1:
                end(pid, chance.choice(["kill", "shutdown", "other"]))
            n += 1
    return n


def main():
    names = []
    before = counts()
    from rebeam import Supervisor as S
    kids = []
    for i in range(10):
        name = f"v{i}"
        names.append(name)
        kids.append(child(Victim(i % 2), name=name, thread="dedicated" if i % 3 == 0 else None))
    sup = run_register_process(child(S(kids, max_restarts=10**7), restart="temporary"))
    senders = [run_register_process(child(Sender, name=f"s{i}", restart="temporary")) for i in range(6)]
    threads = [threading.Thread(target=drive, args=(names,)) for _ in range(2)]
    [t.start() for t in threads]
    tasks = [async_(lambda s=s: call(s, "go", names, timeout=None)) for s in senders]
    for t in tasks:
        a = await_(t, None)
        assert a[0] == "ok", a
    [t.join() for t in threads]
    for s in senders:
        end(s, "shutdown")
    end(sup, "kill")
    wait_until(lambda: whereis("v0") is None and whereis("s5") is None)
    print(settled(before), flush=True)


Supervisor(modules=[child(main, restart="temporary", significant=True)])
