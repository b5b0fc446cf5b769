"""An actor that counts, until somebody ends the program."""

from rebeam import GenPy, Supervisor, receive, start, stop


class Counter(GenPy):
    name = "counter"

    def __init__(self):
        self.n = 0

    @start()
    def boot(self):
        print("ready", flush=True)

    @receive("add")
    def add(self, message):
        self.n += message
        return self.n

    @stop()
    def cleanup(self):
        print("stopped", self.n, flush=True)


if __name__ == "__main__":
    Supervisor([Counter()])
