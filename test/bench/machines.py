"""Work in pure Python on 1, 2 and 4 units of machines that have joined, one unit each: what `run machines`
prints. The program itself has no worker. The arguments are the command that joins."""

import subprocess
import sys
import time

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Supervisor,
    call_many,
    child,
    receive,
    start_children,
    terminate_child,
    this_node,
)
from rebeam._runtime import rebeam_info
from rebeam.testing import wait_until

SIZE, ROUNDS = 300_000, 24


class Worker(GenPy):
    @receive("sieve")
    def sieve(self, message):
        flags = [True] * message
        for n in range(2, int(message**0.5) + 1):
            if flags[n]:
                for multiple in range(n * n, message, n):
                    flags[multiple] = False
        return sum(flags) - 2


def measure(units):
    pids = start_children("workers", [child(Worker, isolation="process")] * units)
    call_many([(pid, "sieve", 10) for pid in pids], 60)
    begin = time.perf_counter()
    answers = call_many([(pids[n % units], "sieve", SIZE) for n in range(ROUNDS)], 600)
    seconds = time.perf_counter() - begin
    assert {answer for _, answer in answers} == {25_997}
    for pid in pids:
        terminate_child("workers", pid)
    return ROUNDS / seconds


def main():
    machines, first = [], None
    for units in (1, 2, 4):
        while len(machines) < units:
            words = [*sys.argv[1:], "join", this_node(), "--workers", "1"]
            machines.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
        wait_until(lambda n=units: len(rebeam_info()["units"]) == n, 120)
        rate = measure(units)
        first = first or rate
        print(
            f"{units} machines of one unit: {rate:6.1f} sieves a second, {rate / first:.2f} times",
            flush=True,
        )
    for machine in machines:
        machine.terminate()
        machine.wait()


if __name__ == "__main__":
    Supervisor(
        [DynamicSupervisor(name="workers"), child(main, significant=True, restart="temporary")],
        auto_shutdown="any_significant",
    )
