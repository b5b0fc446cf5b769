import threading

from baseline import counts, settled
from timer_actors import Sink, got

from rebeam import (
    GenPy,
    call,
    cancel_timer,
    receive,
    run_register_process,
    send_after,
    send_interval,
    sleep,
)


class Other(GenPy):
    name = "other"

    @receive("cancel")
    def cancel(self, message):
        return [cancel_timer(each) for each in message]


sink = run_register_process(Sink("sink"))
run_register_process(Other)
before = counts()
timers = [
    send_after(1.0, sink, "x"),
    send_after(1.0, "sink", "x"),
    send_interval(1.0, sink, "x"),
    send_interval(1.0, "sink", "x"),
]
left = call("other", "cancel", timers)[1]
print([0 < each <= 1.0 for each in left], len(set(timers)))
print(call("other", "cancel", timers)[1])
thread = threading.Thread(target=lambda: print(cancel_timer(send_after(1.5, sink, "x"))))
thread.start()
thread.join()
over = send_after(0.01, sink, "over")
sleep(1.2)
print(cancel_timer(over), got(sink), settled(before))
