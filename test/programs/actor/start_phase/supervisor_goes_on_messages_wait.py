from waiting import wait_until

from rebeam import (
    GenPy,
    Supervisor,
    call,
    cast,
    child,
    receive,
    register,
    run_register_process,
    start,
    whereis,
)


class Slow(GenPy):
    def __init__(self, name, awaited="second"):
        self.name, self.awaited = name, awaited
        self.seen = [name]

    @start()
    def first(self):
        self.seen.append("start")
        cast(self.name, "early")

    @start(continues=True)
    def rest(self):
        wait_until(lambda: whereis(self.awaited))
        self.seen.append(call("second", "there")[1])

    @receive("early")
    def early(self):
        self.seen.append("message")

    @receive("seen")
    def all(self):
        return self.seen


class Second(GenPy):
    name = "second"

    @start()
    def first(self):
        print("the next one starts")

    @receive("there")
    def there(self):
        return "continued"


class Sub(Slow):
    def rest(self):
        super().rest()
        self.seen.append("sub")


def check():
    print(call("slow", "seen")[1])
    print(call("sub", "seen")[1])
    # The same when it is started from anywhere.
    pid = run_register_process(Slow("third", "told"))
    print(call(pid, "seen", timeout=0.1))
    register("told")
    print(call(pid, "seen")[1])


Supervisor(
    modules=[Slow("slow"), Sub("sub"), Second, child(check, restart="transient", significant=True)]
)
