import time

from baseline import counts, settled
from timer_actors import Sink, got
from waiting import wait_until

from rebeam import GenPy, ProcessID, call, receive, run_register_process, send_after


class Starter(GenPy):
    name = "starter"

    @receive("start")
    def begin(self, message):
        here = ProcessID().node
        begun = time.monotonic()
        message["x"] = 1
        for seconds, target, number in (
            (0.2, sink, 4),
            (0.05, "sink", 1),
            (0.15, ("sink", here), 3),
            (0.1, sink, 2),
        ):
            send_after(seconds, target, "later", [number, message])
        send_after(0, sink, "at once")
        send_after(0.3, ProcessID(), "own")
        message["x"] = 2
        return begun

    @receive("plain")
    def plain(self):
        sorted([0], key=lambda _: (send_after(0.01, sink, "plain"), 0)[1])

    @receive("own")
    def own(self, message, source):
        own.append(message)
        print("own", message, source)


own = []
sink = run_register_process(Sink("sink"))
run_register_process(Starter)
before = counts()
begun = call("starter", "start", {})[1]
wait_until(lambda: own and len(got(sink)) >= 5)
# Each was started a little after the one before: on a busy machine they may pass each other.
seen = sorted(call(sink, "got")[1], key=lambda each: each[2][0] if each[2] else 0)
print([(subject, message) for _, subject, message, *_ in seen])
print(all(0.05 * n <= each[0] - begun for n, each in enumerate(seen)))
print({each[3:] for each in seen})
call("starter", "plain")
wait_until(lambda: len(got(sink)) >= 6)
print(got(sink)[5:], settled(before))
