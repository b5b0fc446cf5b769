import os
import threading

from baseline import counts, settled
from waiting import wait_until

from rebeam import GenPy, Status, call, no_reply, receive, reply, run_register_process


class Pair(GenPy):
    name = "pair"

    def __init__(self):
        self.kept = None

    @receive("ask")
    def ask(self, source):
        if self.kept is not None:
            reply(self.kept, "turn")
        self.kept = source
        return no_reply()


class Turn(GenPy):
    @receive("go")
    def go(self, message):
        for _ in range(message):
            assert call("pair", "ask") == (Status.OK, "turn")


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def drive(number):
    done = []
    threads = [
        threading.Thread(
            target=lambda turn=turn: done.append(call(turn, "go", number, timeout=None))
        )
        for turn in turns
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: done)
    # The last one waits for a turn that nobody gives it.
    while len(done) < len(turns):
        call("pair", "ask", timeout=0.01)
    for thread in threads:
        thread.join()
    assert all(done), done


run_register_process(Pair)
turns = [run_register_process(Turn()) for _ in range(2)]
drive(5_000)
before, grown = counts(), []
# What leaks grows with each round; what a busy machine needs more, new threads and their heaps, once.
for _ in range(5):
    begin = memory()
    drive(10_000)
    grown.append(memory() - begin)
print("flat" if min(grown) < 1024 else f"grown {grown} KiB", settled(before))
