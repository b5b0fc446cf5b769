"""10 MiB arrays between OS processes, with actors and whole units killed at random.

`value_kills.py SENDS`: main sends to actors in two process units, and they to one in main. Receivers
and senders are killed, and now and then a unit with all that is in it. Afterwards nothing may be
left: no array (by the runtime's counts and by resident memory), no shared memory, no descriptor.
"""

import collections
import contextlib
import ctypes
import gc
import os
import random
import signal
import sys
import time

import numpy

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Status,
    call,
    cast,
    child,
    exit,
    receive,
    run_register_process,
    start_child,
)
from rebeam._runtime import collect, rebeam_info

SIZE = 10 << 20
HOLDERS = 4
FLAT = 24 << 20  # what resident memory may differ by: less than three arrays
SEED = int(os.environ.get("REBEAM_SEED", random.randrange(2**32)))


class Holder(GenPy):
    def __init__(self):
        self.kept = collections.deque(maxlen=3)

    @receive("pid")
    def pid(self):
        trim()
        return os.getpid()

    @receive("take")
    def take(self, message):
        self.kept.append(message)
        return ends(message)

    @receive("back")
    def back(self, message):
        """As a cast with a sender, it comes to that sender with the same subject."""
        return message

    @receive("send")
    def send(self, message):
        """The other way: some to `target`, who may end meanwhile, as may this one."""
        target, number, count = message
        for _ in range(count):
            value = made(number)
            cast(target, "take", value)
            status, answer = call(target, "back", value, timeout=60)
            if status is Status.TIMEOUT or (status and ends(answer) != ends(value)):
                raise AssertionError(f"sent {ends(value)}: {status} {answer!r:.100}")
        return count


def trim():
    """Gives back what malloc keeps: it is nobody's."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def made(number):
    array = numpy.full(SIZE // 8, float(number))
    return (array, array.tobytes(), array.reshape(-1, 2).T, memoryview(array.tobytes()))[number % 4]


def ends(value):
    """The first and last number in it, and its size."""
    flat = numpy.frombuffer(value) if not isinstance(value, numpy.ndarray) else value
    return float(flat.flat[0]), float(flat.flat[-1]), flat.size


def started(isolation):
    item = child(Holder, restart="temporary", isolation=isolation)
    while True:
        try:
            return start_child("holders", item)
        except RuntimeError as error:  # its unit was killed while it began
            if "noconnection" not in str(error):
                raise


class Place:
    """Where a holder is: another one comes when that has gone."""

    def __init__(self, isolation):
        self.isolation = isolation
        self.renew()

    def renew(self):
        self.pid = started(self.isolation)

    def kill(self):
        exit(self.pid, "kill")
        self.renew()

    def kill_unit(self):
        status, os_pid = call(self.pid, "pid")
        if status:
            os.kill(os_pid, signal.SIGKILL)


class Storm:
    def __init__(self, seed, places, main, kill_units):
        self.random, self.places, self.main = random.Random(seed), places, main
        self.kill_units = kill_units
        self.counts = collections.Counter()
        self.wrong = []

    def sends(self, number):
        value = made(0)
        for n in range(number):
            if n % 5 == 0:
                value = made(n)
            place = self.random.choice(self.places)
            self.send(place, value)
            chance = self.random.random()
            if chance < 0.1:
                self.flood(place, value)
                place.kill()
            elif chance < 0.12:
                self.flood(place, value)
                self.main.kill()
            elif chance < 0.14 and self.kill_units:
                self.flood(place, value)
                self.counts["units killed"] += 1
                place.kill_unit()

    def flood(self, place, value):
        """What is on its way, in both directions, when it ends."""
        cast(place.pid, "send", (self.main.pid, self.random.randrange(4), 3))
        for _ in range(self.random.randrange(4)):
            cast(place.pid, "back", value, self.main.pid)

    def send(self, place, value):
        verb = self.random.choice(("take", "take", "back", "send"))
        message = (self.main.pid, self.random.randrange(4), 2) if verb == "send" else value
        if self.random.random() < 0.3:
            cast(place.pid, verb, message)
            return
        status, answer = call(place.pid, verb, message, timeout=120)
        self.counts[str(status)] += 1
        if status is Status.DOWN and "Error" not in answer:
            place.renew()
        elif not status or (verb != "send" and self.differs(verb, answer, value)):
            self.wrong.append(f"{verb}: {status} {answer!r:.1000}")

    def differs(self, verb, answer, value):
        return (answer if verb == "take" else ends(answer)) != ends(value)


def resident(os_pid):
    with open(f"/proc/{os_pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files(os_pid):
    """What a process has open, as paths and the like."""
    folder = f"/proc/{os_pid}/fd"
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            yield os.readlink(f"{folder}/{name}")


def memfds(os_pid):
    """How many descriptors and mappings of shared memory a process has."""
    with open(f"/proc/{os_pid}/maps") as file:
        return sum("memfd:" in each for each in (*open_files(os_pid), *file))


def shared_files():
    """Python's semaphores, which other programs may make now, are there too."""
    return {each for each in os.listdir("/dev/shm") if not each.startswith("sem.")}


def unit_pids():
    """The OS processes of the units, by an actor in each."""
    pids, until = {}, time.monotonic() + 60
    while len(set(pids.values())) < 2 and time.monotonic() < until:
        pid = started("process")
        status, os_pid = call(pid, "pid")
        if status:
            pids[pid] = os_pid
    for pid in pids:
        exit(pid, "kill")
    return set(pids.values())


def counts():
    collect()
    info = rebeam_info()
    return {name: info[name] for name in ("actors", "shared", "suspended", "queued")}


def settled(before):
    """What differs from it for long: nothing, if all is well."""
    until = time.monotonic() + 30
    while (now := counts()) != before and time.monotonic() < until:
        gc.collect()
        time.sleep(0.05)
    return {name: (before[name], now[name]) for name in now if now[name] != before[name]}


def storm(number, seed, kill_units):
    places = [Place("process") for _ in range(HOLDERS)]
    main = Place("shared")
    storm = Storm(seed, places, main, kill_units)
    storm.sends(number)
    for place in (*places, main):
        exit(place.pid, "kill")
    return storm


def left(before):
    """What is there that was not before, once it has had time to go."""
    for name, differs in settled(before["counts"]).items():
        yield f"{name}: {differs[0]} before, now {differs[1]}"
    until = time.monotonic() + 20
    while (found := list(more(before))) and time.monotonic() < until:
        time.sleep(0.2)
        collect()
    yield from found


def more(before):
    now = measured()
    for name in ("resident main", "resident units"):
        grown = now[name] - before[name]
        if grown > FLAT:
            yield f"{name}: {grown >> 20} MiB more"
    for name in ("memfds of main", "memfds of units", "files of main"):
        if now[name] > before[name]:
            yield f"{name}: {before[name]} before, now {now[name]}"
    yield from now["shared files"] - before["shared files"]


def measured():
    units, own = unit_pids(), os.getpid()
    trim()
    assert len(units) == 2, units
    return {
        "resident main": resident(own),
        "resident units": max(resident(each) for each in units),
        "memfds of main": memfds(own),
        "memfds of units": max(memfds(each) for each in units),
        "files of main": len(list(open_files(own))),
        "shared files": shared_files(),
    }


def main():
    print(f"REBEAM_SEED={SEED}", file=sys.stderr)
    run_register_process(DynamicSupervisor(name="holders", max_restarts=1_000_000))
    unit_pids()
    # What is queued for a moment now will not be then.
    before = {"counts": counts() | {"queued": 0}}
    first = storm(100, SEED, kill_units=False)
    settled(before["counts"])
    before |= measured()
    begin = time.monotonic()
    second = storm(int(sys.argv[1]), SEED + 1, kill_units=True)
    seconds = time.monotonic() - begin
    print("wrong", *first.wrong, *second.wrong)
    print("left", *left(before))
    print(f"{sys.argv[1]} sends in {seconds:.0f} s: {dict(second.counts)}", file=sys.stderr)
    print("before", before, "after", measured(), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
