"""Random values between actors in two places, with classes of main.py among them.

`value_places.py PLACES NUMBER`, where PLACES is "main unit", "unit unit", "main main" or "unit far
unit": with "far" the second actor is in another program, on another node. Whoever gets values makes
them too, from the same seed, and compares; and so does who sent them, with what comes back.
"""

from __future__ import annotations

import array
import collections
import dataclasses
import enum
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.environ["REBEAM_VALUE_TESTS"])

from values import Difference, Generator, assert_arrived

from rebeam import GenPy, call, child, receive, run_register_process, self_pid

TOGETHER = 200  # values in one message; of ten, one goes by itself
SEED = int(os.environ.get("REBEAM_SEED", random.randrange(2**32)))


class Shade(enum.Enum):
    LIGHT = "light"
    DARK = ("dark", 1)


class Rights(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


@dataclasses.dataclass
class Parcel:
    weight: int
    content: object = None


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    text: str
    shade: Shade


Pair = collections.namedtuple("Pair", "first second")


class Tagged(dict):
    """A dict with an attribute of its own."""


class Failure(Exception):
    def __init__(self, *, code, why):
        super().__init__(f"failed with {code}")
        self.code, self.why = code, why


class Everything(Generator):
    """What the generator makes, and what this script defines."""

    def __init__(self, seed, pids):
        super().__init__(seed)
        self.pids = pids

    def kinds(self):
        return (*super().kinds(), self.parcel, self.pair, self.tagged, self.failure)

    def parcel(self, depth):
        made = self.keep(Parcel(self.integer()))
        made.content = self.value(depth + 1)
        return made

    def pair(self, depth):
        return self.keep(Pair(self.value(depth + 1), self.value(depth + 1)))

    def tagged(self, depth):
        made = self.keep(Tagged())
        made[self.key(depth + 1)] = self.value(depth + 1)
        return made

    def failure(self, depth):
        made = self.keep(Failure(code=self.integer(), why=None))
        made.why = self.value(depth + 1)
        return made

    def leaf(self):
        chance = self.random.random()
        if chance < 0.001:
            return self.large()
        if chance < 0.8:
            return super().leaf()
        return self.random.choice(
            (
                *self.pids,
                *Shade,
                *Rights,
                Rights(3),
                Parcel,
                len,
                Label(self.text(), Shade.DARK),
                Pair(self.text(), Shade.LIGHT),
                10**10_000 + self.integer(),
                "\ud800" + self.text(),
            )
        )

    def large(self):
        """What goes as a file in memory."""
        data = self.random.randbytes(3000) * 100
        return self.random.choice((data, bytearray(data), array.array("d", data), memoryview(data),
                                   memoryview(bytearray(data)).cast("i")))  # fmt: skip


def batch(first, count, pids):
    """The values of `count` seeds, some of them twice."""
    made = [Everything(seed, pids).value() for seed in range(first, first + count)]
    return made + random.Random(first).sample(made, count // 8)


def difference(where, first, count, pids, sent, arrived):
    """What to say of it, or nothing."""
    try:
        assert_arrived(sent, arrived)
    except Difference as error:
        return f"{where}, REBEAM_SEED={first} and {count - 1} more: {str(error)[:1000]}"
    return None


class Echo(GenPy):
    name = "echo"

    @receive("pid")
    def pid(self):
        return self_pid(), os.getpid()

    @receive("take")
    def take(self, message):
        first, count, pids, values = message
        made = batch(first, count, pids)
        return difference("there", first, count, pids, made, values), values


class Asker(GenPy):
    name = "asker"

    @receive("ask")
    def ask(self, message):
        echo, pids, seed, number = message
        wrong = []
        for first, count in plan(seed, number):
            sent = batch(first, count, pids)
            status, answer = call(echo, "take", (first, count, pids, sent), timeout=300)
            if not status:
                return [*wrong, f"REBEAM_SEED={first} and {count - 1} more: {status} {answer}"]
            there, values = answer
            here = there or difference("back", first, count, pids, sent, values)
            wrong += [here] if here else []
        return wrong

    pid = Echo.pid


def plan(seed, number):
    """(first seed, how many) of each message."""
    alone = number // 10
    yield from ((seed + n, 1) for n in range(alone))
    for n in range(alone, number, TOGETHER):
        yield seed + n, min(TOGETHER, number - n)


def item(actor, place):
    return child(actor, isolation={"main": "shared", "unit": "process"}[place])


def far_echo(place):
    """Another program, connected to this one: how its echo is found, and how it is ended."""
    name, host = self_pid().node.split("@")
    target = ("echo", f"{name}-far@{host}")
    command = [
        "mix",
        "rebeam.run",
        "--sname",
        f"{name}-far",
        "--connect",
        f"{name}@{host}",
        "--workers",
        "1",
        __file__,
        "there",
        place,
    ]
    return target, subprocess.Popen(command, stdin=subprocess.PIPE)


def ready(target):
    """The target's id and OS process, once it is there."""
    until = time.monotonic() + 60
    while not (answer := call(target, "pid"))[0] and time.monotonic() < until:
        time.sleep(0.05)
    assert answer[0], answer
    return answer[1]


def main(places, number):
    far = None
    print(f"REBEAM_SEED={SEED}", file=sys.stderr)
    if places[1:2] == ["far"]:
        target, far = far_echo(places[2])
    else:
        target = run_register_process(item(Echo, places[1]))
    asker = run_register_process(item(Asker, places[0]))
    (echo, there), (asker, here) = ready(target), ready(asker)
    print("apart", there != here, echo.node != asker.node)
    pids = [self_pid(), asker, echo]
    begin = time.monotonic()
    target = target if far else echo
    status, wrong = call(asker, "ask", (target, pids, SEED, number), timeout=None)
    print(f"{number} values, {places}: {time.monotonic() - begin:.1f} s", file=sys.stderr)
    print(status, len(wrong), *wrong[:5], sep="\n")
    if far:
        far.stdin.close()
        far.wait()


if __name__ == "__main__":
    if sys.argv[1] == "there":
        run_register_process(item(Echo, sys.argv[2]))
        sys.stdin.read()
    else:
        main(sys.argv[1].split(), int(sys.argv[2]))
