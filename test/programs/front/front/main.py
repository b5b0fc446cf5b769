import os
import sys

from rebeam import (
    GenPy,
    Registry,
    Supervisor,
    Table,
    call,
    child,
    join,
    receive,
    start,
)

print("body", *sys.argv[1:], flush=True)
rows: Table[str, str] = Table("rows")
rows.put("made by", "python")


class Counter(GenPy):
    def __init__(self, name):
        self.name, self.n = name, 0

    @start()
    def begin(self):
        join("counters")
        Registry("desks").register(self.name, self.n)

    @receive("add")
    def add(self, message):
        self.n += message
        print(self.name, self.n, flush=True)
        return self.n

    @receive("ask")
    def ask(self, message):
        target, subject, value = message
        _, answer = call(target, subject, value)
        return answer

    @receive("size")
    def size(self, message):
        return len(message)

    @receive("where")
    def where(self):
        return os.getpid()

    @receive("end")
    def end(self, message):
        os.kill(os.getpid(), message)


if __name__ == "__main__":
    if sys.argv[1:] == ["raise"]:
        raise ValueError("of the body")
    if sys.argv[1:] == ["exit"]:
        sys.exit(3)
    Supervisor(modules=[Counter("near"), child(Counter("far"), isolation="process")])
