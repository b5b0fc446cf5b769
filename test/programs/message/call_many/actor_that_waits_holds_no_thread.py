from baseline import counts, settled
from call_many_actors import Server, threads

from rebeam import GenPy, Status, call, call_many, receive, run_register_process, sleep
from rebeam._runtime import rebeam_info


# Its functions name call_many alone.
class Asker(GenPy):
    @receive("ask")
    def ask(self, message):
        return self.total(message) + 1

    def total(self, n):
        return sum(response for _, response in both(n))


def both(n):
    return call_many([("one", "sleep", (0, n)), (gate, "wait", n)], timeout=None)


class Gate(GenPy):
    def __init__(self):
        self.open = False
        self.threads = None

    @receive("wait")
    def wait(self, message):
        while not self.open:
            sleep(0.02)
            self.open = rebeam_info()["suspended"] >= 1000
        self.threads = threads()
        return message

    @receive("threads")
    def count(self):
        return self.threads


run_register_process(Server("one"))
gate = run_register_process(Gate)
askers = [run_register_process(Asker) for _ in range(1000)]
call(gate, "threads")
before, threads_before = counts(), threads()
answers = call_many([(pid, "ask", n) for n, pid in enumerate(askers)], timeout=60)
print(answers == [(Status.OK, 2 * n + 1) for n in range(1000)])
# A busy machine may want some more for jobs that take long; none for a wait.
print(call(gate, "threads")[1] - threads_before < 10, settled(before))
