import os

from waiting import wait_until

from rebeam import GenPy, Status, Supervisor, call, child, receive, stop, whereis
from rebeam._runtime import rebeam_info


def free():
    return wait_until(lambda: rebeam_info()["detached"] == rebeam_info()["abandoned"] == 0)


def interrupted(subject, timeout=0.3):
    "Whether the actor was replaced, and by one that answers."
    before = whereis("target")
    interrupt(before, subject, None, timeout)
    wait_until(lambda: whereis("target") not in (before, None))
    return call("target", "echo", subject)[1]


def interrupt(pid, subject, message=None, timeout=0.3):
    """Asks until the time was over in the middle of the work: a message that is withdrawn before it
    has begun, on a busy machine, leaves an actor that answers."""
    while True:
        answer = call(pid, subject, message, timeout, interrupt=True)
        assert answer == (Status.TIMEOUT, None), answer
        if not call(pid, "echo", timeout=None)[0]:
            return
        timeout *= 2


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
