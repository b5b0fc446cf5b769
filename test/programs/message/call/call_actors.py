import sys

from rebeam import GenPy, receive, sleep


class Slow(GenPy):
    def __init__(self, name="slow"):
        self.name = name
        self.served = []

    @receive("sleep")
    def sleep(self, message):
        seconds, value = message
        sleep(seconds)
        self.served.append(value)
        return value

    @receive("quick")
    def quick(self, message):
        return message

    @receive("served")
    def all(self):
        return self.served

    @receive("exit")
    def exit(self):
        sys.exit(0)
