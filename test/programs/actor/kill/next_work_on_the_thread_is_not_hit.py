import time

from kill_actors import Busy, Sink, last

from rebeam import GenPy, call, cast, child, exit, receive, run_register_process, sleep


def short():
    end = time.monotonic() + 0.02
    n = 0
    while time.monotonic() < end:
        n += 1


class Counter(GenPy):
    name = "counter"

    def __init__(self):
        self.n = 0

    @receive("add")
    def add(self):
        for _ in range(300):
            self.n += 1
        return self.n


def main():
    run_register_process(Sink)
    run_register_process(Counter)
    good = 0
    for round in range(150):
        pid = run_register_process(child(Busy(short), restart="temporary"))
        cast(pid, "go")
        sleep(0.019 + round % 5 / 1000)  # it ends by itself at about the same time
        exit(pid, "kill")
        for _ in range(5):
            good += call("counter", "add")[0] == "ok"
    print(good, call("counter", "add")[1])


last(main)
