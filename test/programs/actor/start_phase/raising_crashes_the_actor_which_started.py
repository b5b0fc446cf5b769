import sys

from waiting import wait_until

from rebeam import GenPy, call, receive, run_register_process, self_pid, sleep, start, stop
from rebeam.observe import actors


class Bad(GenPy):
    name = "bad"
    made = 0

    def __init__(self):
        Bad.made += 1
        self.n = Bad.made

    @start(continues=True)
    def rest(self):
        if self.n == 1:
            this = self_pid()
            wait_until(lambda: any(each.queue for each in actors() if each.pid == this))
            raise ValueError("in the rest")
        sleep(0.05)
        if self.n == 2:
            sys.exit(0)

    @receive("n")
    def number(self):
        return self.n

    @stop()
    def stopped(self, reason):
        print("stopped", reason.splitlines()[-1])


pid = run_register_process(Bad)
print("started")
status, reason = call(pid, "n")
print(status, reason.splitlines()[-1])
print(wait_until(lambda: (answer := call("bad", "n"))[0] and answer[1]))
