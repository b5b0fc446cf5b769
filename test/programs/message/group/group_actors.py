import sys

from rebeam import GenPy, broadcast, child, join, leave, receive, run_register_process


class Member(GenPy):
    def __init__(self):
        self.got = []

    @receive("join")
    def enter(self, message):
        return join(message)

    @receive("leave")
    def exit(self, message):
        return leave(message)

    @receive("broadcast")
    def tell(self, message):
        return broadcast(*message)

    @receive("plain")
    def plain(self, message):
        said = []
        sorted([0], key=lambda _: said.append((join(message), broadcast(message, "x"))) or 0)
        return said

    @receive("got")
    def all(self):
        return self.got

    @receive("end")
    def end(self, message):
        sys.exit(0) if message else 1 / 0

    @receive()
    def other(self, subject, message, source, status):
        self.got.append((subject, message, source, status))


def begin(number):
    return [run_register_process(child(Member, restart="temporary")) for _ in range(number)]
