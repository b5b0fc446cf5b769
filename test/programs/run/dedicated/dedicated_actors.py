import os
import threading

from rebeam import GenPy, Supervisor, child, receive, run_register_process


def threads():
    return len(os.listdir("/proc/self/task"))


def dedicated(item, **options):
    options.setdefault("restart", "temporary")
    return run_register_process(child(item, thread="dedicated", **options))


class Echo(GenPy):
    name = "echo"

    @receive()
    def echo(self, message):
        return message


class Base(GenPy):
    def here(self):
        self.seen.add(threading.get_ident())

    @receive("seen")
    def all(self):
        self.here()
        return self.seen


def last(function):
    Supervisor(modules=[child(function, restart="transient", significant=True)])
