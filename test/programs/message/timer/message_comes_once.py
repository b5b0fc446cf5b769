import time

from baseline import counts, settled
from timer_actors import Sink, got

from rebeam import GenPy, ProcessID, call, receive, run_register_process, send_after, sleep


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
        print("own", message, source)


sink = run_register_process(Sink("sink"))
run_register_process(Starter)
before = counts()
begun = call("starter", "start", {})[1]
sleep(0.6)
print(got(sink))
seen = call(sink, "got")[1]
print(all(0.05 * n <= each[0] - begun < 0.05 * n + 0.1 for n, each in enumerate(seen)))
print({each[3:] for each in seen})
call("starter", "plain")
sleep(0.2)
print(got(sink)[5:], settled(before))
