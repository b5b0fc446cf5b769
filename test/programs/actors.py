"""The actors of `constructs.py`: who answers, and who is suspended in the calls."""

import sys

from answers import answer

from rebeam import GenPy, Supervisor, call, child, receive, response_error, response_ok
from rebeam._runtime import rebeam_info


class Echo(GenPy):
    """Answers, and sees in which way the caller waits meanwhile."""

    def __init__(self):
        self.name = "echo"
        self.most = 0

    @receive("blocked")
    def blocked(self):
        """How many threads waited at most since last asked, besides those that always do:
        who asks for this is suspended."""
        blocked, self.most = self.most - rebeam_info()["blocked"], 0
        return blocked

    @receive()
    def other(self, subject, message):
        self.most = max(self.most, rebeam_info()["blocked"])
        status, response = answer(subject, message)
        return response_ok(response) if status == "ok" else response_error(response)


class Runner(GenPy):
    def __init__(self, cases, run, plain):
        self.name = "runner"
        self.cases = cases
        self.run = run
        self.plain = plain

    @receive("run")
    def one(self, message):
        each = self.cases[message]
        run = self.run
        run(each)
        # A case leaves nothing behind that waits.
        status, blocked = call("echo", "blocked")
        if blocked > 0 and each.__name__ not in self.plain:
            print(each.__name__, "held a thread", file=sys.stderr)


def tree(cases, run, plain):
    def drive():
        for number in range(len(cases)):
            status, response = call("runner", "run", number, timeout=60)
            if not status:
                print("runner", status, response)

    Supervisor(modules=[
        Echo(), Runner(cases, run, plain), child(drive, restart="transient", significant=True)])
