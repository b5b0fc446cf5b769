import os

from rebeam import GenPy, child, receive, start_child


class Holder(GenPy):
    def __init__(self):
        self.kept = []

    @receive("take")
    def take(self, message):
        self.kept = [*self.kept[-2:], message]
        return float(message[0])

    @receive("back")
    def back(self, message):
        return message

    @receive("write")
    def write(self, message):
        message[0] = 1


def child_of():
    return start_child("holders", child(Holder, restart="temporary"))


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def address(array):
    return array.__array_interface__["data"][0]
