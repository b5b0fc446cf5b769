import atexit
import sys

from rebeam import GenPy, Supervisor, call, child, receive, start, stop


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @start()
    def begin(self):
        print("started", self.name)
        atexit.register(print, "atexit", self.name)

    @stop()
    def end(self, reason):
        sys.stdout.write(f"stopped {self.name} {reason}\n")
        call("here", "note", self.name)


class Here(GenPy):
    name = "here"

    @receive("note")
    def note(self, message):
        print("noted", message)


def driver():
    pass


if __name__ == "__main__":
    Supervisor(
        [
            Here(),
            child(Worker("a"), isolation="process"),
            child(Worker("b"), isolation="process"),
            child(driver, restart="transient", significant=True),
        ],
        name="top",
    )
