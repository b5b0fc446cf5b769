import mmap

from waiting import replaced

from rebeam import GenPy, Supervisor, call, child, receive, sleep, whereis


class Eater(GenPy):
    def __init__(self, name):
        self.name, self.held = name, []

    @receive("eat")
    def eat(self, message):
        try:
            self.held.append(bytearray(message << 20))
        except MemoryError:
            return "MemoryError"
        return len(self.held)

    @receive("map")
    def map(self, message):
        # Shared memory is no data of the process.
        self.mapped = mmap.mmap(-1, message << 20)
        for at in range(0, message << 20, 4096):
            self.mapped[at] = 1
        sleep(5)


def driver():
    print(call("eater", "eat", 20), call("eater", "eat", 2000), call("eater", "eat", 20))
    before = whereis("eater")
    print(str(call("eater", "map", 600, 60)[0]))
    replaced("eater", before)
    print(call("eater", "eat", 20), call("other", "eat", 20))
    pass


if __name__ == "__main__":
    Supervisor(
        [
            child(Eater("eater"), isolation="process"),
            Eater("other"),
            child(driver, restart="transient", significant=True),
        ],
        name="top",
    )
