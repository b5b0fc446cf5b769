import ctypes
import os
import signal

from waiting import replaced

from rebeam import GenPy, Supervisor, call, child, receive, whereis


class Worker(GenPy):
    def __init__(self, name):
        self.name, self.n = name, 0

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n

    @receive("pid")
    def pid(self):
        return os.getpid()

    @receive("segfault")
    def segfault(self):
        ctypes.string_at(0)

    @receive("abort")
    def abort(self):
        os.abort()

    @receive("exit")
    def exit(self):
        os._exit(7)

    @receive("overflow")
    def overflow(self):
        ctypes.memset(ctypes.addressof(ctypes.c_char()), 0, 1 << 30)


def driver():
    for how in ("segfault", "abort", "exit", "overflow", "kill -9"):
        call("victim", "add", 5), call("other", "add", 1)
        victim, pid = whereis("victim"), call("victim", "pid")[1]
        if how == "kill -9":
            os.kill(pid, signal.SIGKILL)
            answer = "down noconnection"
        else:
            answer = " ".join(call("victim", how))
        replaced("victim", victim)
        print(
            how,
            answer,
            call("victim", "add", 1)[1],
            call("victim", "pid")[1] != pid,
            call("here", "add", 1)[1],
        )
    pass


if __name__ == "__main__":
    Supervisor(
        [
            child(Worker("victim"), isolation="process"),
            Worker("here"),
            child(Worker("other"), isolation="process"),
            child(driver, restart="transient", significant=True),
        ],
        name="top",
        max_restarts=20,
    )
