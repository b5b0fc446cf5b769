import threading

from waiting import wait_until

from rebeam import GenPy, call, receive, run_register_process


class Locked(GenPy):
    def __init__(self, lock):
        self.name = "locked"
        self.lock = lock

    @receive("same")
    def same(self):
        return self.lock is lock

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


lock = threading.Lock()
run_register_process(Locked(lock))
print(call("locked", "same"), call("locked", "crash")[0])
wait_until(lambda: call("locked", "same")[0])
print(call("locked", "same"))
