import asyncio

from baseline import counts, settled
from interrupt_actors import Base, free, interrupted, last

from rebeam import GenPy, Supervisor, call, no_reply, receive, run_register_process, sleep


class Target(Base):
    @receive("loop")
    def loop(self):
        while True:
            pass

    @receive("sleep")
    def sleeps(self):
        sleep(100)

    @receive("thread")
    def thread(self):
        sorted([1, 2], key=lambda n: sleep(100))

    @receive("call")
    def calls(self):
        call("silent", "x", timeout=None)

    @receive("async")
    async def task(self):
        await asyncio.sleep(100)

    @receive("async loop")
    async def computes(self):
        while True:
            pass


class Silent(GenPy):
    name = "silent"

    @receive("x")
    def x(self):
        return no_reply()


def main():
    run_register_process(Silent)
    run_register_process(Supervisor([Target], max_restarts=100))
    before = counts()
    for subject in ("loop", "sleep", "thread", "call", "async", "async loop"):
        print(interrupted(subject), free(), flush=True)
    print(settled(before), flush=True)


last(main)
