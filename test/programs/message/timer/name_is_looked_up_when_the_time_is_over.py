import sys

from baseline import counts, settled
from timer_actors import Sink, ended, got
from waiting import wait_until

from rebeam import (
    GenPy,
    cancel_timer,
    cast,
    child,
    receive,
    run_register_process,
    send_after,
)

first = run_register_process(child(Sink("sink"), restart="temporary"))
print(got(first))
before = counts()
by_name = send_after(1.0, "sink", "for the second")
by_id = send_after(1.0, first, "for nobody")
send_after(0.05, "nobody", "for nobody")
send_after(0.05, ("sink", "no@where"), "for nobody")
ended(first)
print(cancel_timer(by_id))
second = run_register_process(child(Sink("sink"), restart="temporary"))
wait_until(lambda: got(second))
print(got(second), cancel_timer(by_name))


# Who starts a timer may end before it fires.
class Brief(GenPy):
    @receive("go")
    def go(self):
        send_after(0.2, "sink", "after its starter")
        send_after(0.2, second, "the same")
        sys.exit(0)


brief = run_register_process(child(Brief, restart="temporary"))
cast(brief, "go")
wait_until(lambda: len(got(second)) == 3)
print(brief.alive(), sorted(got(second)[1:]), settled(before))
