import math
import threading

from timer_actors import Sink, got

from rebeam import cancel_timer, run_register_process, send_after, send_interval, sleep


def attempt(function, *args):
    try:
        print(function(*args))
    except (TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")


sink = run_register_process(Sink("sink"))
lock = {"rows": [threading.Lock()]}
for function in (send_after, send_interval):
    attempt(function, 0.01, sink, "x", lock)
    attempt(function, -1, sink, "x")
    attempt(function, math.inf, sink, "x")
    attempt(function, math.nan, sink, "x")
    attempt(function, "1", sink, "x")
    attempt(function, 0.01, 5, "x")
    attempt(function, 0.01, sink, 5)
attempt(send_interval, 0, sink, "x")
attempt(cancel_timer, 5)
sleep(0.1)
print(got(sink))
