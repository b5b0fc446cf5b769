from baseline import counts, settled
from call_actors import Slow
from waiting import wait_until

from rebeam import GenPy, call, cast, child, receive, run_register_process


class Asker(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("ask")
    def ask(self, message):
        return call(*message)


def temporary(name):
    return run_register_process(child(Slow(name), restart="temporary"))


asker = run_register_process(Asker("asker"))
gone = temporary("gone")
print(call("asker", "ask", ("gone", "exit"))[1][0])
wait_until(lambda: not gone.alive())
before = counts()
for target in ("nobody", "gone", gone):
    print(*call("asker", "ask", (target, "x"))[1], *call(target, "x"), cast(target, "x"))
print(settled(before))
# Waiting in its queue when it ends.
dying = temporary("dying")
cast(dying, "sleep", (0.2, 1))
cast(dying, "exit")
print(call("asker", "ask", (dying, "quick", 1))[1][0])
print(settled(before))
