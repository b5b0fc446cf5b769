import time

from waiting import wait_until

from rebeam import GenPy, cast, child, info, receive, self_pid, whereis, which_children


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @receive("there")
    def there(self):
        return self_pid()

    @info()
    def other(self, message):
        pass


def state(name, sup="top"):
    return next(each.state for each in which_children(sup) if each.id == name)


def crash(name):
    # Seconds until it is back.
    old, begin = whereis(name), time.monotonic()
    cast(old, "crash")
    wait_until(lambda: not old.alive() and whereis(name))
    return time.monotonic() - begin


def near(seconds, wanted):
    # A timer is never early, and a busy machine may be late.
    return "as wanted" if wanted <= seconds < wanted + 10 else seconds


def last(function):
    return child(function, restart="transient", significant=True)
