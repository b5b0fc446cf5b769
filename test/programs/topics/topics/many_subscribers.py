"""So many subscribers and publications, by four publishers: each gets all, in order of each publisher."""

import sys

from waiting import wait_until

from rebeam import *

SUBSCRIBERS, PUBLICATIONS, PUBLISHERS = int(sys.argv[1]), int(sys.argv[2]), 4
ROUND = 25  # publications of each before all is to have come: else they fill the memory
got, wrong = Counter("got"), Counter("wrong")


class Subscriber(GenPy):
    def __init__(self):
        self.next = [0] * PUBLISHERS

    @start()
    def subscribe(self):
        subscribe("many.*")

    @receive()
    def take(self, message):
        publisher, n = message
        if self.next[publisher] != n:
            wrong.add()
        self.next[publisher] = n + 1
        got.add()


class Publisher(GenPy):
    @receive("publish")
    def publish(self, message):
        own, first = message
        counts = {publish(f"many.{own}", (own, n)) for n in range(first, first + ROUND)}
        return counts == {SUBSCRIBERS}


def main():
    supervisor = run_register_process(DynamicSupervisor())
    for _ in range(SUBSCRIBERS):
        start_child(supervisor, child(Subscriber, restart="temporary"))
    publishers = [run_register_process(Publisher) for _ in range(PUBLISHERS)]
    told = set()
    for first in range(0, PUBLICATIONS // PUBLISHERS, ROUND):
        asked = [(each, "publish", (n, first)) for n, each in enumerate(publishers)]
        told |= {told for _, told in call_many(asked, timeout=600)}
        wanted = SUBSCRIBERS * PUBLISHERS * (first + ROUND)
        wait_until(lambda wanted=wanted: got.get() == wanted, 600)
    print(told, got.get() == SUBSCRIBERS * PUBLICATIONS, wrong.get())


if __name__ == "__main__":
    main()
