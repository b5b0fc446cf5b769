import time

from baseline import counts, settled
from timer_actors import Sink, got
from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    cancel_timer,
    gen_call,
    receive,
    run_register_process,
    send_interval,
    sleep,
)


class Starter(GenPy):
    name = "starter"

    @receive("start")
    def begin(self, message):
        self.begun = time.monotonic()
        self.timer = send_interval(*message)
        return self.timer, self.begun

    @receive("cancel")
    def cancel(self):
        return cancel_timer(self.timer), cancel_timer(self.timer)


sink = run_register_process(Sink("sink"))
run_register_process(Starter)
before = counts()
# 30.5 ms is no number of whole milliseconds: rounded up each time, it would be late by
# 80 ms at the end. One that is late makes the next no later.
timer, begun = call("starter", "start", (0.0305, "sink", "tick", 1))[1]
wait_until(lambda: len(call(sink, "times")[1]) >= 160)
left = cancel_timer(timer)
gen_call(sink, None)  # behind what the timer has sent
times = call(sink, "times")[1]
print(0 <= left <= 0.0305)
late = [at - begun - 0.0305 * (n + 1) for n, at in enumerate(times)]
print(min(late) >= 0, min(late[-20:]) < 0.07)
call("starter", "start", (0.1, sink, "by id"))
wait_until(lambda: len(got(sink)) >= len(times) + 2)
left, again = call("starter", "cancel")[1]
print(0 <= left <= 0.1, again)
sleep(0.2)
print(set(got(sink)[len(times) :]), settled(before))
