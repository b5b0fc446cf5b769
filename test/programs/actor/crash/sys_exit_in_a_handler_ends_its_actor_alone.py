import sys

from waiting import wait_until

from rebeam import GenPy, Supervisor, call, child, receive, self_pid, stop, whereis


class Worker(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("exit")
    def exit(self, message):
        sys.exit(message)

    @receive("there")
    def there(self):
        return self_pid()

    @stop()
    def bye(self, reason):
        print("stop", self.name, reason)


def drive():
    other = whereis("other")
    for name, code in (("zero", 0), ("three", 3)):
        status, reason = call(name, "exit", code)
        print(status, f"with {code}", str(code) in reason or reason == "normal")
    wait_until(lambda: call("three", "there")[0])
    print(whereis("zero"), whereis("other") == other)


Supervisor(
    modules=[
        child(Worker("zero"), restart="transient"),
        child(Worker("three"), restart="transient"),
        Worker("other"),
        child(drive, restart="transient", significant=True),
    ]
)
