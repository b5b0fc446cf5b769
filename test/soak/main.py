"""A soak: `make soak MINUTES=n`. Everything at once, at random, for as long as you like.

Actors in the main interpreter and in process units keep what they are given and answer for it;
callers check every answer. Meanwhile actors are killed, calls time out, units are lost, large
messages pass, tasks, timers and spawned functions come and go. Every few seconds it looks at this
OS process and at the units. It fails, with what was wrong, if an answer is wrong, if anything
grows, or if anything is left at the end.
"""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import os
import random
import signal
import statistics
import sys
import time
from typing import Any

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Status,
    Supervisor,
    async_,
    await_,
    call,
    call_async,
    cast,
    child,
    exit,
    info,
    monitor,
    receive,
    send_after,
    sleep,
    spawn,
    start_child,
    stop,
    terminate_child,
    whereis,
    which_children,
)
from rebeam._runtime import collect, rebeam_info

KEEPERS = 24  # of which each third is in a unit
CALLERS = 12
LARGEST = 4 << 20  # bytes
SAMPLE = 5.0  # seconds

# How much more the end may have than the first third, the units' own memory aside.
GROWTH = {"MiB": 60, "threads": 12, "files": 12, "handles": 40}


def digest(value: bytes) -> str:
    return hashlib.blake2b(value, digest_size=8).hexdigest()


class Keeper(GenPy):
    """Keeps values; every answer says whose it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kept: dict[int, bytes] = {}

    @receive("keep")
    def keep(self, message: tuple[int, bytes]) -> tuple[str, str]:
        key, value = message
        self.kept[key % 4] = value
        return self.name, digest(value)

    @receive("give")
    def give(self, message: int) -> tuple[str, bytes]:
        return self.name, self.kept.get(message % 4, b"")

    @receive("slow")
    def slow(self, message: float) -> str:
        sleep(message)
        return self.name

    @receive("through")
    def through(self, message: tuple[str, int]) -> tuple[str, Any]:
        target, number = message
        return self.name, call(target, "square", number, 20)[1] if target != self.name else None

    @receive("square")
    async def square(self, message: int) -> tuple[str, int]:
        await asyncio.sleep(random.random() / 100)
        return self.name, message * message

    @receive("tasks")
    def tasks(self, message: int) -> tuple[str, int]:
        each = [async_(pow, message, n) for n in range(4)]
        return self.name, sum(await_(task) for task in each)

    @receive("spin")
    def spin(self) -> None:
        while True:
            pass

    @receive("end")
    def end(self, message: str) -> None:
        if message == "raise":
            raise ValueError("as wanted")
        if message == "segfault":
            ctypes.string_at(0)
        os._exit(1)

    @receive("pid")
    def pid(self) -> int:
        return os.getpid()

    @info()
    def note(self, message: object) -> None:
        pass

    @stop()
    def bye(self, reason: str) -> None:
        self.kept.clear()


class Caller(GenPy):
    """Asks keepers at random and checks what they say."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counts = {"right": 0, "wrong": 0, "down": 0, "timeout": 0}
        self.wrong: list[str] = []

    def check(self, status: Status, value: object, wanted: object, what: str) -> None:
        if status is Status.OK and value == wanted:
            self.counts["right"] += 1
        elif status in (Status.DOWN, Status.TIMEOUT):
            self.counts[str(status)] += 1
        else:
            self.counts["wrong"] += 1
            self.wrong.append(f"{what}: {str((status, value))[:200]} for {str(wanted)[:200]}")

    @receive("go")
    async def go(self) -> None:
        for _ in range(10):
            await self.ask(f"keeper{random.randrange(KEEPERS)}")
            await asyncio.sleep(0.005)
        cast(self.name, "go")

    async def ask(self, target: str) -> None:
        kind, number = random.randrange(6), random.randrange(1000)
        if kind == 0:
            size = random.choice([10, 1000, 100_000, LARGEST if number < 50 else 10])
            data = random.randbytes(size)
            answer = await call_async(target, "keep", (number, data), 20)
            self.check(*answer, (target, digest(data)), "keep")
        elif kind == 1:
            status, value = await call_async(target, "give", number, 20)
            good = status is not Status.OK or value[0] == target
            self.check(status, good if status is Status.OK else value, True, "give")
        elif kind == 2:
            answer = await call_async(target, "slow", random.random() / 20, 0.025)
            self.check(*answer, target, "slow")
        elif kind == 3:
            other = f"keeper{random.randrange(KEEPERS)}"
            status, value = await call_async(target, "through", (other, number), 25)
            if status is Status.OK and isinstance(value[1], (str, type(None))):
                value = (value[0], (other, number * number))  # the other was down
            self.check(status, value, (target, (other, number * number)), "through")
        elif kind == 4:
            self.check(
                *await call_async(target, "square", number, 20), (target, number**2), "square"
            )
        else:
            wanted = sum(pow(number, n) for n in range(4))
            self.check(*await call_async(target, "tasks", number, 20), (target, wanted), "tasks")

    @receive("counts")
    def all(self) -> tuple[dict[str, int], list[str]]:
        return self.counts, self.wrong


def disturb() -> None:
    """One disturbance."""
    number = random.randrange(KEEPERS)
    name = f"keeper{number}"
    pid = whereis(name)
    kind = random.randrange(100)
    if pid is None:
        return
    if kind < 40:
        exit(pid, "kill")
    elif kind < 60:
        cast(name, "end", "raise")
    elif kind < 70:
        cast(name, "spin")
        send_after(0.2, name, "square", 1)
        sleep(0.1)
        exit(pid, "kill")
    elif kind < 94:
        spawn(visitor, name)
    elif number % 3 == 0:
        how = random.choice(["segfault", "exit", "kill -9"])
        if how != "kill -9":
            cast(name, "end", how)
        else:
            status, victim = call(name, "pid", None, 5)
            if status is Status.OK:
                os.kill(victim, signal.SIGKILL)


def visitor(name: str) -> None:
    pid = whereis(name)
    if pid is not None:
        monitor(pid)
        call(pid, "slow", 0.01, 1)


def sample() -> dict[str, float]:
    with open("/proc/self/status") as file:
        status = dict(line.split(":", 1) for line in file)
    counts = rebeam_info()
    return {
        "MiB": int(status["VmRSS"].split()[0]) / 1024,
        "threads": int(status["Threads"]),
        "files": len(os.listdir("/proc/self/fd")),
        "handles": counts["handles"] - sum(each["handles"] for each in counts["units"]),
        "abandoned": counts["abandoned"],
        "actors": counts["actors"],
        "units": len(counts["units"]),
    }


def drive(minutes: float) -> None:
    for n in range(KEEPERS):
        keeper = Keeper(f"keeper{n}")
        isolated = child(keeper, isolation="process" if n % 3 == 0 else "shared")
        start_child("keepers", isolated)
    for n in range(CALLERS):
        start_child("callers", Caller(f"caller{n}"))
        cast(f"caller{n}", "go")
    end = time.monotonic() + minutes * 60
    looked, samples = time.monotonic(), []
    while time.monotonic() < end:
        disturb()
        sleep(random.random() / 5)
        if time.monotonic() > looked + SAMPLE:
            looked = time.monotonic()
            samples.append(sample())
            print({key: round(value) for key, value in samples[-1].items()}, flush=True)
    judge(samples)


def judge(samples: list[dict[str, float]]) -> None:
    failures = []
    total: dict[str, int] = {}
    for n in range(CALLERS):
        status, value = call(f"caller{n}", "counts", None, 60)
        if status is not Status.OK:
            failures.append(f"caller{n} does not answer: {status} {value}")
            continue
        failures += value[1]
        for key, count in value[0].items():
            total[key] = total.get(key, 0) + count
    third = max(len(samples) // 3, 1)
    for key, most in GROWTH.items():
        first = statistics.median(each[key] for each in samples[:third])
        last = statistics.median(each[key] for each in samples[-third:])
        print(f"{key}: median {first:.0f} in the first third, {last:.0f} in the last")
        if last > first + most:
            failures.append(f"{key} grew from {first:.0f} to {last:.0f}")
    print("answers:", total)
    if total.get("right", 0) == 0:
        failures.append("no answer was right")
    for each in which_children("keepers"):
        if each.pid is not None:
            terminate_child("keepers", each.pid)
    sleep(2)
    collect()
    left = sample()
    print("left:", left)
    if left["abandoned"] or left["actors"] > CALLERS + 4:
        failures.append(f"left at the end: {left}")
    if failures:
        raise SystemExit("\n".join(f"FAILED {each}" for each in failures))


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1
    Supervisor(
        [
            DynamicSupervisor("keepers", max_restarts=1_000_000, max_seconds=1),
            DynamicSupervisor("callers"),
            child(lambda: drive(minutes), id="drive", restart="transient", significant=True),
        ]
    )


if __name__ == "__main__":
    main()
