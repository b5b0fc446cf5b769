import asyncio

from interrupt_actors import Base, last

from rebeam import CallInterrupted, GenPy, call, receive, run_register_process, sleep, whereis


class Target(Base):
    def __init__(self):
        self.half = 0

    def guarded(self, work):
        self.half += 1
        try:
            work()
        except CallInterrupted as error:
            sleep(0.01)  # it may wait, and ask others
            assert call("helper", "x") == ("ok", "help")
            self.half -= 1
            return str(error)

    @receive("loop")
    def loop(self):
        def work():
            while True:
                pass

        return self.guarded(work)

    @receive("sleep")
    def sleeps(self):
        return self.guarded(lambda: sleep(100))

    @receive("thread")
    def thread(self):
        return self.guarded(lambda: sorted([1, 2], key=lambda n: sleep(100)))

    @receive("async")
    async def task(self):
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            return "gone"

    @receive("half")
    def half_done(self):
        return self.half


class Helper(GenPy):
    name = "helper"

    @receive()
    def help(self):
        return "help"


def main():
    run_register_process(Helper)
    pid = run_register_process(Target)
    for subject in ("loop", "sleep", "thread", "async"):
        print(call("target", subject, timeout=0.2, interrupt=True), end=" ")
        print(call("target", "half"), whereis("target") == pid, flush=True)


last(main)
