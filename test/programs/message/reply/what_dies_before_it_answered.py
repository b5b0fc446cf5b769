import time

from baseline import counts, settled
from deferred import Asker, Clerk, ask, wait_for
from waiting import wait_until

from rebeam import call, run_register_process, whereis

run_register_process(Clerk())
for n in range(20):
    run_register_process(Asker(f"asker {n}"))
before = counts()
for wait in (0, 0, 0, 0.02):
    for n in range(20):
        ask(f"asker {n}", "clerk", "ask", n, 10)
    wait_for(20)
    time.sleep(wait)
    status, reason = call("clerk", "crash", "on purpose")
    answers = {call(f"asker {n}", "answers")[1][0] for n in range(20)}
    print(status, len(answers), {(s, r.splitlines()[-1]) for s, r in answers})
    wait_until(lambda: whereis("clerk") is not None)
# It took none of the questions with it.
print(*call("clerk", "kept"), settled(before))
