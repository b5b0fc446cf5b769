"""Subscribers that do not keep up: what is dropped, counted, and stopped."""

from subscribers import KINDS, Subscriber, begin, do, held, let_go
from waiting import wait_until

from rebeam import *


class Bounded(Subscriber):
    mailbox_limit = 3


def publish_all(topic, number):
    """To how many each went. All have come to the units by then: the last one comes behind them."""
    went = [publish(topic, n) for n in range(number)]
    marks = len(call(witnesses[0], "got")[1]) + 1
    publish("mark")
    for witness in witnesses:
        wait_until(lambda witness=witness: len(call(witness, "got")[1]) == marks)
    return went


def main():
    global witnesses
    witnesses = [begin(Subscriber, "mark") for _ in range(2)]  # one in each unit
    for cls in KINDS:
        actor = begin(cls, "n", max_queue=5)
        held(actor, "waits as well")
        print("went to", publish_all("n", 7))
        let_go()
        wait_until(lambda: len(call(actor, "got")[1]) == 5)
        print(call(actor, "got")[1][1:] == [("n", n) for n in range(4)], do(actor, dropped))
        do(actor, subscribe, "n", 3)
        publish("n", "again")
        print(do(actor, dropped), wait_until(lambda: call(actor, "got")[1][5:]))
        do(actor, unsubscribe, "n")

        actor = begin(cls, "n", "n.**", max_queue=2, when_full="stop")
        held(actor)
        print("went to", publish_all("n", 5))
        let_go()
        wait_until(lambda: len(call(actor, "events")[1]) == 2)
        print(sorted(each.topic for each in call(actor, "events")[1]))
        wait_until(lambda: publish("n") == 0)
        print(call(actor, "got")[1], do(actor, dropped))
        do(actor, subscribe, "n")
        publish("n", "anew")
        print(wait_until(lambda: call(actor, "got")[1][2:]))
        do(actor, unsubscribe, "n")

    actor = begin(Bounded, "n")
    held(actor)
    print("went to", publish_all("n", 5))
    let_go()
    wait_until(lambda: len(call(actor, "got")[1]) == 3)
    print(do(actor, dropped))
    # The larger one of two bounds counts; a dropped message is dropped for both.
    actor = begin(Subscriber, "m.*", max_queue=1)
    do(actor, subscribe, "m.**", 4)
    held(actor)
    print("went to", publish_all("m.x", 6))
    let_go()
    wait_until(lambda: len(call(actor, "got")[1]) == 4)
    print(do(actor, dropped))


if __name__ == "__main__":
    main()
