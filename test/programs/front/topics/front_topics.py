"""Subscribers of an application's program, one of them in the placement that the argument names."""

import sys

from rebeam import GenPy, Supervisor, child, publish, receive, start, subscribe, unsubscribe


class Reader(GenPy):
    def __init__(self, name):
        self.name, self.got = name, []

    @start()
    def begin(self):
        subscribe("orders.**")

    @receive("got")
    def read(self):
        return self.got

    @receive("publish")
    def publish_one(self, message):
        topic, value = message
        return publish(topic, value)

    @receive("leave")
    def leave(self):
        return unsubscribe("orders.**")

    @receive()
    def other(self, subject, message):
        size = len(message) if isinstance(message, str) else message
        self.got.append([subject, size])


def main():
    Supervisor([Reader("near"), child(Reader("apart"), isolation=sys.argv[1])])


if __name__ == "__main__":
    main()
