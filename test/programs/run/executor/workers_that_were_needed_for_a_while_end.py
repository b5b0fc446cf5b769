import os
import tempfile

from waiting import wait_until

from rebeam import GenPy, call, cast, receive, run_register_process
from rebeam._runtime import rebeam_info


class Slow(GenPy):
    @receive("go")
    def go(self, message):
        return sorted([message], key=lambda _: call("gate", "wait", timeout=None)[1])[0]


class Gate(GenPy):
    name = "gate"

    @receive("wait")
    def wait(self):
        return call("keeper", "wait", timeout=None)[1]


class Keeper(GenPy):
    name = "keeper"

    @receive("wait")
    def wait(self):
        wait_until(lambda: os.path.exists(gate))


class Collect(GenPy):
    def __init__(self):
        self.name = "collect"
        self.got = []

    @receive("go")
    def go(self, message, status):
        self.got.append((str(status), message))

    @receive("all")
    def all(self):
        return sorted(self.got)


gate = tempfile.mktemp()


def count(what):
    return rebeam_info()[what]


for item in (Gate, Keeper, Collect):
    run_register_process(item)
slow = [run_register_process(Slow) for _ in range(40)]
for number, pid in enumerate(slow):
    cast(pid, "go", number, sender_pid="collect")
wait_until(lambda: count("blocked") >= 41)
print("threads held", count("threads") >= 40)
open(gate, "w").close()
wait_until(lambda: len(call("collect", "all")[1]) == 40)
print(call("collect", "all")[1] == [("ok", number) for number in range(40)])
wait_until(lambda: count("threads") <= 10 and count("detached") == 0)
os.unlink(gate)
print("blocked", count("blocked"), "detached", count("detached"))
