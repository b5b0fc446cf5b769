from judge import Judge, Plain, begin

from rebeam import call, exit, receive, run_register_process, self_pid, sleep, spawn_link, stop

run_register_process(Judge)


class Cut(Plain):
    name = "cut"

    @receive("ask")
    def ask(self, message):
        spawn_link(self.fail)
        try:
            return call(message, "wait", 10, timeout=None)
        finally:
            print("finally")

    def fail(self):
        sleep(0.05)
        exit(self_pid(), "cut it")


class CutStop(Cut):
    @stop()
    def cleanup(self, reason):
        print("stop", reason)


slow = begin(Plain)
for kind in (Cut, CutStop):
    pid = begin(kind)
    print(*call(pid, "ask", slow))
    sleep(0.1)
