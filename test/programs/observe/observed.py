"""Actors to look at: each does what it is told, for as long as that takes."""

import os
import threading
import time

from rebeam import GenPy, call, call_async, receive, sleep

FOREVER = 3600


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("nothing")
    def nothing(self, message):
        return message

    @receive("ask")
    def ask(self, message):
        target, *rest = message
        return call(target, "ask" if len(rest) > 1 else "nothing", rest, timeout=FOREVER)

    @receive("ask in a sort key")
    def ask_in_key(self, message):
        return sorted([1], key=lambda each: call(message, "nothing", each, timeout=FOREVER))

    @receive("loop")
    def loop(self, message):
        deadline = time.monotonic() + message
        while time.monotonic() < deadline:
            spun = deadline
        return spun

    @receive("lock")
    def lock(self, message):
        lock = threading.Lock()
        lock.acquire()
        lock.acquire(timeout=message)

    @receive("C")
    def in_c(self, message):
        list(map(_real_sleep, [message]))

    @receive("C with the GIL")
    def in_c_with_gil(self, message):
        """Until somebody opens the FIFO to write."""
        import ctypes  # which interpreter units refuse

        ctypes.PyDLL(None).open(message.encode(), os.O_RDONLY)

    @receive("five deep")
    def five_deep(self, message):
        return deep(5, message)

    @receive("crash")
    def crash(self, message):
        raise ValueError(message)


class Async(Worker):
    @receive("ask asynchronously")
    async def ask_async(self, message):
        here = "in a task"
        return await call_async(message, "nothing", here, timeout=FOREVER)


# Not what twins take for it.
_real_sleep = vars(time)["sleep"]


def deep(level, seconds):
    here = f"level {level}"
    if level == 1:
        return sleep(seconds)
    return deep(level - 1, seconds) or here
