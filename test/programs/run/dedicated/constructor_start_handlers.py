import asyncio
import threading

from baseline import counts, settled
from dedicated_actors import Base, Echo, dedicated, last, threads
from waiting import wait_until

from rebeam import (
    call,
    call_async,
    call_many,
    idle,
    info,
    receive,
    run_register_process,
    send,
    sleep,
    start,
    stop,
)
from rebeam._children import stop_process
from rebeam._runtime import rebeam_info

freed = []


class Note:
    def __del__(self):
        print(
            "freed on",
            "the same" if threading.get_ident() == self.thread else "another",
            flush=True,
        )
        freed.append(True)


class Actor(Base):
    def __init__(self):
        self.seen = {threading.get_ident()}
        self.note = Note()
        self.note.thread = threading.get_ident()
        self.local = threading.local()
        self.local.n = 0

    @start()
    def boot(self):
        self.here()
        sleep(0.01)
        self.here()

    @start(continues=True)
    def later(self):
        self.here()

    @receive("work")
    def work(self, message):
        self.here()
        sleep(0.01)
        self.here()
        call("echo", "x")
        self.here()
        list(map(lambda n: call("echo", "x"), range(2)))
        with_self = [self.deep(3) for _ in range(2)]
        self.here()
        try:
            sleep(0)
        finally:
            self.here()
        asyncio.run(self.task())
        self.local.n += 1
        return self.local.n

    def deep(self, n):
        return self.deep(n - 1) if n else call("echo", "x")

    async def task(self):
        self.here()
        await asyncio.gather(*[call_async("echo", "x", n) for n in range(5)])
        call("echo", "x")
        self.here()

    @info()
    def note_it(self, message):
        self.here()
        call("echo", "x")
        self.here()

    @idle(0.05)
    def rest(self):
        self.here()

    @stop()
    def end(self, reason):
        self.here()
        sleep(0.01)
        self.here()
        print("stopped after", len(self.seen), flush=True)


def main():
    run_register_process(Echo)
    before = counts(), rebeam_info()["dedicated"], threads()
    pids = [dedicated(Actor) for _ in range(3)]
    print(rebeam_info()["dedicated"] - before[1])
    for _ in range(2):
        answers = call_many([(pid, "work") for pid in pids], 60)
        send(pids[0], "hello")
        sleep(0.2)
    print(answers == [("ok", 2)] * 3)
    seen = [call(pid, "seen")[1] for pid in pids]
    print([len(each) for each in seen], len(set.union(*seen)), flush=True)
    for number, pid in enumerate(pids, 1):
        stop_process(pid)
        wait_until(lambda: len(freed) == number)
    print(settled(before[0]), wait_until(lambda: rebeam_info()["dedicated"] == before[1]))


last(main)
