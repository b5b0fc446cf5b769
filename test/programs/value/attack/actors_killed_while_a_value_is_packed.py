import random
import threading

from baseline import counts, settled
from value_echo import Echo

from rebeam import DynamicSupervisor, call, child, exit, run_register_process, sleep, start_child


class Slow:
    def __init__(self, parts=None):
        self.parts = parts or [bytes(100_000)] * 2

    def __getstate__(self):
        wait()
        return {"parts": self.parts, "me": self}

    def __setstate__(self, state):
        wait()
        self.__dict__ = state


def wait():
    for _ in range(8):
        sleep(0.002)
    sum(range(20_000))


def round(number, chance):
    pid = start_child("echoes", child(Echo, restart="temporary"))
    killer = threading.Timer(chance.random() * 0.08, exit, (pid, "kill"))
    killer.start()
    parts = [bytes([number]) * 100_000] * 2
    if number % 2:
        status, value = call(pid, "back", Slow(parts))
    else:
        status, value = call(pid, "make", "Slow")
        parts = [bytes(100_000)] * 2
    killer.join()
    if status == "ok":
        assert value.parts == parts and value.parts[0] is value.parts[1] and value.me is value
    exit(pid, "kill")
    return str(status)


def main():
    run_register_process(DynamicSupervisor(name="echoes", max_restarts=1_000_000))
    before = counts(("shared", "suspended", "blocked"))
    chance = random.Random(7)
    seen = {round(number, chance) for number in range(60)}
    print("down" in seen)
    print(settled(before, cycles=True))


main()
