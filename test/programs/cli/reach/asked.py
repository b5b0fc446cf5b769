"""An actor that is slow, and a body with a name of its own."""

import time

from rebeam import GenPy, Supervisor, ask, child, receive, start

greeting = "hello from main"


class Slow(GenPy):
    @start()
    def boot(self):
        print("ready", flush=True)

    @receive("wait")
    def wait(self, message):
        time.sleep(message)
        return message


class Double(GenPy):
    @receive("it")
    def it(self, message):
        return message * 2


class Item:
    def __init__(self, n):
        self.n = n


def twice(n):
    return ask("double", "it", n)


if __name__ == "__main__":
    Supervisor([child(Double(), name="double"), child(Slow(), name="slow")])
