import sys
import threading

from baseline import counts
from timer_actors import Sink, ended, got
from waiting import wait_until

from rebeam import (
    GenPy,
    call,
    cancel_timer,
    child,
    gen_call,
    receive,
    run_register_process,
    send_interval,
    sleep,
)


class Starter(GenPy):
    @receive("start")
    def begin(self, message):
        return send_interval(0.02, *message)

    @receive("exit")
    def exit(self):
        sys.exit(0)


# It ends long before the first time.
def brief():
    global timer_of_function
    timer_of_function = send_interval(0.1, "sink", "of a function")


def of_thread():
    global timer_of_thread
    timer_of_thread = send_interval(0.05, "sink", "of a thread")


sink = run_register_process(Sink("sink"))
gone = run_register_process(child(Sink, restart="temporary"))
starter = run_register_process(child(Starter, restart="temporary"))
before = counts()
ends_with_starter = [
    call(starter, "start", (target, "of an actor"))[1] for target in (sink, "sink", "nobody")
]
body = [send_interval(0.05, target, "of the body") for target in (gone, "sink", "gone")]
run_register_process(child(brief, restart="temporary"))
thread = threading.Thread(target=of_thread)
thread.start()
thread.join()
wait_until(lambda: {"of an actor", "of the body", "of a thread"} <= {each for each, _ in got(sink)})
ended(starter)
ended(gone)
sleep(0.1)
seen = {subject for subject, _ in got(sink)}
number = len(got(sink))
print(sorted(seen))
print([cancel_timer(each) for each in (*ends_with_starter, timer_of_function, body[0])])
wait_until(lambda: {each for each, _ in got(sink)[number:]} >= {"of a thread", "of the body"})
sleep(0.1)
print(sorted({subject for subject, _ in got(sink)[number:]}))
# It goes on by name where nobody is.
print([cancel_timer(each) is not None for each in (*body[1:], timer_of_thread)])
gen_call(sink, None)  # behind what the timers have sent
number = len(got(sink))
sleep(0.2)
print(len(got(sink)) - number)
