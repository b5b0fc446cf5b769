import os
import threading

from baseline import counts, settled
from waiting import wait_until

from rebeam import GenPy, call, cast, receive, run_register_process, sleep, whereis


class Slow(GenPy):
    name = "slow"
    mailbox_limit = 1000

    def __init__(self):
        self.sum = self.number = 0

    @receive("add")
    def add(self, message):
        self.sum += message[0]
        self.number += 1
        if self.number % 100 == 0:
            sleep(0.001)

    @receive("result")
    def result(self):
        return self.number, self.sum


class Flood(GenPy):
    @receive("go")
    def go(self, message):
        first, last = message
        slow = whereis("slow")
        sent = total = 0
        for n in range(first, last):
            if cast(slow, "add", (n, "x" * 200)):
                sent += 1
                total += n
            if n % 20_000 == 0:
                sleep(0.001)
        return sent, total


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def flood(number):
    each = number // len(floods)
    answers = []

    def one(n):
        answers.append(call(floods[n], "go", (n * each, n * each + each), timeout=None)[1])

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(floods))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [sum(column) for column in zip(*answers)]


run_register_process(Slow)
floods = [run_register_process(Flood()) for _ in range(4)]


def drained():
    return wait_until(lambda: (answer := call("slow", "result"))[0] and answer[1])


warm = flood(100_000)
drained()
before, before_memory = counts(), memory()
sent, total = flood(1_000_000)
grown = memory() - before_memory
number, summed = drained()
print(number == warm[0] + sent, summed == warm[1] + total, 1000 < sent < 1_000_000)
print("flat" if grown < 8192 else f"grown {grown} KiB")
print(settled(before))
