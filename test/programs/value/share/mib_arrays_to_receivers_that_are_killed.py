import random
import sys

import numpy
from baseline import counts, settled
from share_holder import child_of, memory

from rebeam import DynamicSupervisor, call, cast, exit, run_register_process

run_register_process(DynamicSupervisor(name="holders", max_restarts=1_000_000))


def send(number, pids, random):
    wrong = 0
    for n in range(number):
        if n % 20 == 0:
            array = numpy.full(10 * 2**20 // 8, float(n))
        elif n % 7 == 0:
            array = array.copy()
        place = random.randrange(len(pids))
        verb = random.choice(("take", "take", "back"))
        if random.random() < 0.3:
            cast(pids[place], verb, array)
        else:
            status, answer = call(pids[place], verb, array)
            if status == "ok":
                wrong += (answer if verb == "take" else answer[-1]) != array[0]
        if random.random() < 0.1:
            for _ in range(random.randrange(3)):
                cast(pids[place], "take", array)
            exit(pids[place], "kill")
            pids[place] = child_of()
    return wrong


def main():
    before, resident = counts(("actors", "shared", "suspended", "queued")), 0
    for number in (300, int(sys.argv[1])):
        pids = [child_of() for _ in range(4)]
        wrong = send(number, pids, random.Random(number))
        for pid in pids:
            exit(pid, "kill")
        state = settled(before, cycles=True)
        resident = memory() if number == 300 else resident
    print(wrong, state)
    print("flat" if memory() - resident < 30 << 20 else f"{memory() - resident} more")


main()
