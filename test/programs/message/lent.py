import gc
import os

from waiting import wait_until

from rebeam import GenPy, call, cast, receive
from rebeam._runtime import collect, rebeam_info

SIZE = 3_000_000
LARGE = bytes(range(250)) * (SIZE // 250)


def until(true):
    "Waits until true() is, when memory that nobody holds has been given back."
    return wait_until(lambda: (gc.collect(), collect(), true())[-1])


def files():
    "Large ones that this process has open, and has mapped."
    names = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(path := f"/proc/self/fd/{descriptor}").startswith("/memfd:rebeam-"):
                names.append(os.stat(path).st_size)
        except OSError:
            pass
    with open("/proc/self/maps") as file:
        mapped = sum("/memfd:rebeam-" in line for line in file)
    return sum(size >= SIZE for size in names), mapped


class Holder(GenPy):
    def __init__(self, value=None):
        self.kept = []

    @receive("keep")
    def keep(self, message):
        self.kept.append(message)

    @receive("kept")
    def kept_now(self):
        return [len(each) for each in self.kept], files()

    @receive("drop")
    def drop(self):
        self.kept = []
        return until(lambda: files() == (0, 0) and rebeam_info()["shared"] == 0)

    @receive("echo")
    def echo(self, message):
        return message

    @receive("files")
    def files_now(self):
        return files(), os.getpid()

    @receive("send")
    def send(self, message):
        cast(message, "keep", memoryview(LARGE))

    @receive("ask")
    def ask(self, message):
        return call(message, "echo", memoryview(LARGE))[1] == LARGE


def ready(name):
    "Once files go to it, and from it."

    def lent():
        call(name, "keep", memoryview(LARGE))
        return call(name, "kept")[1][1][1] > 0 and call(name, "ask", "here")[1]

    assert until(lent), name
    assert call(name, "drop")[1]
