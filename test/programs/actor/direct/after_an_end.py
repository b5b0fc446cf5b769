"""Actors that are killed while others send to them the short way."""

from baseline import counts, settled
from waiting import wait_until

from rebeam import (
    Down,
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    exit,
    info,
    monitor,
    receive,
    run_register_process,
    whereis,
)

ROUNDS = 200


class Victim(GenPy):
    name = "victim"
    mailbox_limit = 5

    @receive("x")
    def x(self):
        return 1


class Sender(GenPy):
    name = "sender"

    def __init__(self):
        self.casts, self.calls, self.heard = [], [], 0

    @receive("send")
    def send(self, message):
        monitor(message)
        for _ in range(5):
            cast(message, "x")

    @info()
    def plain(self, message):
        assert isinstance(message, Down), message
        self.casts.append(cast(message.pid, "x"))
        self.calls.append(call(message.pid, "x", timeout=None)[0].value)
        self.heard += 1

    @receive("report")
    def report(self):
        return self.heard, self.casts, self.calls


def main():
    run_register_process(Supervisor([Victim], max_restarts=10**6))
    run_register_process(Sender)
    before = counts()
    for number in range(ROUNDS):
        victim = wait_until(lambda: whereis("victim"))
        assert call(victim, "x") == ("ok", 1)
        call("sender", "send", victim)
        exit(victim, "kill")
        assert wait_until(lambda: call("sender", "report")[1][0] == number + 1)
    _, casts, calls = call("sender", "report")[1]
    print("casts after Down", [each for each in casts if each])
    print("calls after Down", set(calls))
    # The new one has all its places.
    victim = wait_until(lambda: whereis("victim"))
    print("places", wait_until(lambda: call(victim, "x") == ("ok", 1)) and True)
    print(settled(before), flush=True)


Supervisor(modules=[child(main, restart="temporary", significant=True)])
