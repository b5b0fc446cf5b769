import time

from interrupt_actors import Base, free, last
from waiting import wait_until

from rebeam import Supervisor, call, call_many, receive, run_register_process, whereis


class Target(Base):
    def __init__(self):
        self.n = 0

    @receive("work")
    def work(self, message):
        end = time.monotonic() + message
        while time.monotonic() < end:
            pass

    @receive("add")
    def add(self):
        for _ in range(300):
            self.n += 1
        return self.n


def main():
    run_register_process(Supervisor([Target], max_restarts=10**6))
    good = hit = 0
    for round in range(120):
        # By its id: the name may be its successor's by the time that all five are sent.
        target = whereis("target")
        before = call(target, "add")[1]
        # It ends by itself at about the same time.
        call(target, "work", 0.01, 0.0085 + round % 6 / 1000, interrupt=True)
        answers = call_many([(target, "add")] * 5)
        if answers[0][0] == "ok":
            good += answers == [("ok", before + 300 * k) for k in range(1, 6)]
        else:
            hit += all(status == "down" for status, _ in answers)
            wait_until(lambda: call("target", "add")[0])
    print(good + hit, good > 0, free())


last(main)
