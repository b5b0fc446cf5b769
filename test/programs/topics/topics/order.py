"""Many subscribers and publishers in several places: all comes, and each publisher's in its order."""

import sys
import threading

from subscribers import KINDS, Subscriber, begin
from waiting import wait_until

from rebeam import *

SUBSCRIBERS, PUBLICATIONS = 60, 100


class Publisher(GenPy):
    @receive("publish")
    def publish(self, message):
        return [publish(f"n.{message}", n) for n in range(PUBLICATIONS)]


class AsyncPublisher(GenPy):
    @receive("publish")
    async def publish(self, message):
        return [publish(f"n.{message}", n) for n in range(PUBLICATIONS)]


def placed(cls, isolation):
    return run_register_process(child(cls, restart="temporary", isolation=isolation))


def main():
    places = [None, *sys.argv[1:]]
    actors = [begin(cls, "n.*", isolation=place) for place in places for cls in KINDS]
    actors += [begin(Subscriber, "**", isolation=None) for _ in range(SUBSCRIBERS)]
    publishers = [placed(cls, each) for each in places for cls in (Publisher, AsyncPublisher)]
    counts = []
    thread = threading.Thread(
        target=lambda: counts.extend(publish("n.thread", n) for n in range(PUBLICATIONS))
    )
    thread.start()
    asked = [(each, "publish", str(n)) for n, each in enumerate(publishers)]
    counts += [publish("n.body", n) for n in range(PUBLICATIONS)]
    answers = call_many(asked, timeout=60)
    thread.join()
    total = PUBLICATIONS * (len(publishers) + 2)
    print({*counts, *(n for _, answer in answers for n in answer)} == {len(actors)})
    wait_until(lambda: all(len(call(each, "got")[1]) == total for each in actors))
    print(all(ordered(call(each, "got")[1]) for each in actors))


def ordered(got):
    topics = {topic for topic, _ in got}
    return all(
        [n for each, n in got if each == topic] == [*range(PUBLICATIONS)] for topic in topics
    )


if __name__ == "__main__":
    main()
