import os

from rebeam import GenPy, info, receive, sleep


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

    @receive("block")
    def block(self, message):
        sleep(message)

    @receive("wait for")
    def wait_for(self, message):
        while not os.path.exists(message):
            sleep(0.001)

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")

    @info()
    def note(self, message):
        self.seen.append(message)
