import sys
import threading

from baseline import counts, settled
from deferred import Asker, Clerk, ask, wait_for
from waiting import replaced

from rebeam import GenPy, call, cast, child, receive, run_register_process

run_register_process(Clerk())
asker = run_register_process(Asker())
before = counts()
ask("asker", "clerk", "ask", 1, 10)
wait_for(1)


class End(GenPy):
    @receive("end")
    def end(self):
        sys.exit(0)


ended = run_register_process(child(End, restart="temporary"))


def gone():
    call("clerk", "ask", 2, timeout=0.01)


thread = threading.Thread(target=gone)
thread.start()
thread.join()
call(ended, "end")
cast(asker, "ask", (None, None, None, None))  # the next one raises
print(*call("clerk", "answer"))
again = replaced("asker", asker)
# A second time: nobody is there.
print(*call("clerk", "quick", "fine"), settled(before))
