"""N calls between actors, and what they leave behind."""

import os
import sys

from baseline import counts, settled

from rebeam import GenPy, call, receive, run_register_process


class Echo(GenPy):
    name = "echo"

    @receive("double")
    def double(self, message):
        return message * 2


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        first, count = message
        total = 0
        for n in range(first, first + count):
            status, response = call("echo", "double", n)
            assert status
            total += response
        return total


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def threads():
    return len(os.listdir("/proc/self/task"))


def main():
    number = int(sys.argv[1])
    run_register_process(Echo)
    run_register_process(Asker)
    step = 10_000
    for _ in range(3):
        call("asker", "ask", (0, step), timeout=None)
    before, before_memory, before_threads = counts(), memory(), threads()
    total = 0
    for first in range(0, number, step):
        total += call("asker", "ask", (first, step), timeout=None)[1]
    print("sum", total)
    print("grown", memory() - before_memory)
    print("threads", "constant" if threads() - before_threads <= 2 else threads() - before_threads)
    print(settled(before))


main()
