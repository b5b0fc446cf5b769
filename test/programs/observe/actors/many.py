"""Many actors, and how long the slowest of some looks at them takes."""

import time

from rebeam import DynamicSupervisor, GenPy, Supervisor, observe, receive, start_child

MANY = 100_000


class Idle(GenPy):
    @receive("nothing")
    def nothing(self):
        pass


def slowest(looks):
    longest = 0.0
    for _ in range(5):
        for look in looks:
            time.sleep(0.6)  # so that each is a new one
            begun = time.perf_counter()
            look()
            longest = max(longest, time.perf_counter() - begun)
    return longest


with Supervisor([DynamicSupervisor(name="many")]):
    for _ in range(MANY):
        start_child("many", Idle)
    observe.actors()
    print(sum(each.count for each in observe.classes() if each.cls == "Idle"))
    looks = (observe.actors, lambda: observe.actors("queue"), observe.classes, observe.waits)
    print(slowest([*looks, observe.metrics, observe.info]))
