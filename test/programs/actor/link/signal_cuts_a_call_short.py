from judge import Judge, Plain, begin
from waiting import wait_until

from rebeam import (
    call,
    exit,
    is_alive,
    receive,
    run_register_process,
    self_pid,
    sleep,
    spawn_link,
    stop,
)

run_register_process(Judge)


class Cut(Plain):
    name = "cut"

    @receive("ask")
    def ask(self, message):
        try:
            spawn_link(self.fail)
            return call(message, "wait", 10, timeout=None)
        finally:
            print("finally")
            cut.append(self)

    def fail(self):
        sleep(0.05)
        exit(self_pid(), "cut it")


class CutStop(Cut):
    @stop()
    def cleanup(self, reason):
        print("stop", reason)


cut = []
slow = begin(Plain)
for number, kind in enumerate((Cut, CutStop), 1):
    pid = begin(kind)
    print(*call(pid, "ask", slow))
    wait_until(lambda: len(cut) == number and not is_alive(pid))
