import os

from waiting import wait_until

from rebeam import GenPy, Status, Supervisor, call, child, receive, stop, whereis
from rebeam._runtime import rebeam_info


def free():
    return wait_until(lambda: rebeam_info()["detached"] == rebeam_info()["abandoned"] == 0)


def interrupted(subject, message=None):
    "Whether the actor was replaced, and by one that answers."
    before = whereis("target")
    answer = call("target", subject, message, 0.3, interrupt=True)
    assert answer == (Status.TIMEOUT, None), answer
    wait_until(lambda: whereis("target") not in (before, None))
    return call("target", "echo", subject)[1]


class Base(GenPy):
    name = "target"

    @receive("echo")
    def echo(self, message):
        return message

    @stop()
    def end(self, reason):
        os.write(1, (reason.strip().splitlines()[-1] + "\n").encode())


def last(function):
    Supervisor(modules=[child(function, restart="transient", significant=True)])
