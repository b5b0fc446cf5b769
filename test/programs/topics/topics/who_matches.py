"""What subscribers of each kind get of what publishers of each kind publish."""

import threading

from subscribers import KINDS, Subscriber, begin, do
from waiting import wait_until

from rebeam import *


class AsyncPublisher(GenPy):
    @receive("publish")
    async def publish(self, message):
        return [publish(*message), publish(*message)]


class MachinePublisher(GenStateMachine):
    initial_state = "only"

    @event("publish")
    def publish(self, message):
        return [publish(*message), publish(*message)]


def function(count):
    publish("orders.function", count, local=True)


def main():
    topics = ("orders.*", "orders.**", "orders.new", "a.*.c", "**.end")
    actors = [begin(cls, *topics) for cls in KINDS * 2]
    other = begin(Subscriber, "orders.a.*", "a.b.*.**", "*")
    wanted = []

    def sent(topic, value, count):
        wanted.append((topic, value))
        return count == len(actors)

    print(sent("orders", 1, publish("orders", 1) - 1))  # the other one's "*"
    print(sent("orders.new", 2, do(actors[0], publish, "orders.new", 2)))
    print(sent("orders.a.new", 3, do(actors[1], publish, "orders.a.new", 3) - 1))
    print(sent("a.b.c", 4, do(actors[2], publish, "a.b.c", 4) - 1))
    print(publish("a.c"), publish("a.b.b.c"), publish("order"), publish("ordersx.new"))
    for cls in (AsyncPublisher, MachinePublisher):
        publisher = run_register_process(cls)
        print(call(publisher, "publish", ("x.y.end", cls.__name__))[1])
        wanted += [("x.y.end", cls.__name__)] * 2
    results = []
    for n in range(20):
        thread = threading.Thread(target=lambda: results.append(publish("end", "thread")))
        thread.start()
        thread.join()
        publish("end", n)
        wanted += [("end", "thread"), ("end", n)]
    print(results == [len(actors) + 1] * 20)
    await_(async_(function, 5))
    wanted.append(("orders.function", 5))
    for actor in actors:
        wait_until(lambda: len(call(actor, "got")[1]) >= len(wanted))
        print(call(actor, "got")[1] == wanted)
    got = [each for each in call(other, "got")[1] if each[0] != "end"]
    print(
        got
        == [("orders", 1), ("orders.a.new", 3), ("a.b.c", 4), ("a.b.b.c", None), ("order", None)],
        got,
    )

    print(do(actors[0], unsubscribe, "orders.*"), do(actors[0], unsubscribe, "orders.*"))
    print(publish("orders.new") == len(actors), sorted(do(actors[0], dropped)))
    for topic in topics[1:]:
        do(actors[0], unsubscribe, topic)
    print(publish("orders.new") == len(actors) - 1)
    exit(actors[1], "kill")
    call(actors[3], "do", (sys_exit,))
    wait_until(lambda: publish("orders.new") == len(actors) - 3)
    print("over")


def sys_exit():
    raise SystemExit


if __name__ == "__main__":
    main()
