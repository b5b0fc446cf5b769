from waiting import wait_until

from rebeam import GenPy, Supervisor, call, child, receive, sleep


class Bad(GenPy):
    def __init__(self):
        self.name = "bad"
        self.count = 0

    @receive("divide")
    def divide(self, message, source):
        self.count += 1
        return self.deeper(message), self.count

    def deeper(self, by):
        sleep(0)
        return 10 / by


def drive():
    print(call("bad", "divide", 2))
    status, reason = call("bad", "divide", 0)
    print(status)
    print(reason, end="")
    print(wait_until(lambda: (answer := call("bad", "divide", 5))[0] and answer))


Supervisor(modules=[Bad(), child(drive, restart="transient", significant=True)])
