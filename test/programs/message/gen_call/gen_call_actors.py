import os

from rebeam import Atom, GenPy, info, receive

SERVER = "Elixir.My.Server"


def a(name):
    return Atom(name)


def threads():
    return len(os.listdir("/proc/self/task"))


class Base(GenPy):
    extra = ()

    @receive("run")
    def run(self):
        return self.body()

    @receive("plain")
    def plain(self):
        said = []
        sorted([0], key=lambda _: said.append(self.body()) or 0)
        return said[0]

    @info()
    def unexpected(self, message):
        self.extra += (message,)

    @receive()
    def other(self, subject):
        self.extra += (subject,)

    @receive("extra")
    def all(self):
        return self.extra
