import os

from waiting import wait_until

from rebeam import GenPy, info, receive, sleep

# Those that handle "hold", until it is cleared, or "wait for".
held = []


class Bounded(GenPy):
    name = "bounded"
    mailbox_limit = 10

    def __init__(self):
        self.seen = []

    @receive("add")
    def add(self, message):
        self.seen.append(message)
        return message

    @receive("take")
    def take(self):
        seen, self.seen = self.seen, []
        return seen

    @receive("hold")
    def hold(self):
        held.append(self)
        wait_until(lambda: not held)

    @receive("block")
    def block(self, message):
        sleep(message)

    @receive("wait for")
    def wait_for(self, message):
        held.append(self)
        wait_until(lambda: os.path.exists(message))

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @info()
    def note(self, message):
        self.seen.append(message)
