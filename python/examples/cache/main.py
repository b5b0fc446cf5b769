"""A cache whose entries go away after a time, and whose misses are computed once.

Many may ask for the same missing key at once: one task computes it, all get the answer.
The cache itself never waits: it answers later, with `reply`.
"""

from collections.abc import Callable
from typing import Any

from rebeam import GenPy, ProcessID, Reference, Response, Supervisor, ask, call_many, cancel_timer
from rebeam import cast, no_reply, receive, reply, send_after, self_pid, sleep, spawn


def square(key: int) -> int:
    """Stands for what takes long."""
    sleep(0.05)
    return key * key


class Cache(GenPy):
    def __init__(self, compute: Callable[[int], int], seconds: float) -> None:
        self.name = "cache"
        self.compute, self.seconds = compute, seconds
        self.entries: dict[int, int] = {}
        self.waiting: dict[int, list[ProcessID]] = {}  # who is to be answered
        self.timers: dict[int, Reference] = {}
        self.computed = 0

    @receive("get")
    def get(self, message: int, source: ProcessID) -> int | Response:
        if message in self.entries:
            return self.entries[message]
        self.waiting.setdefault(message, []).append(source)
        if len(self.waiting[message]) == 1:
            self.computed += 1
            spawn(work, self_pid(), self.compute, message)
        return no_reply()

    @receive("computed")
    def put(self, message: tuple[int, int]) -> None:
        key, value = message
        self.entries[key] = value
        self.timers[key] = send_after(self.seconds, self_pid(), "expire", key)
        for source in self.waiting.pop(key):
            reply(source, value)

    @receive("expire")
    def expire(self, message: int) -> None:
        self.entries.pop(message, None)

    @receive("drop")
    def drop(self, message: int) -> bool:
        self.entries.pop(message, None)
        return cancel_timer(self.timers.pop(message)) is not None

    @receive("statistics")
    def statistics(self) -> dict[str, Any]:
        return {"computed": self.computed, "entries": sorted(self.entries)}


def work(cache: ProcessID, compute: Callable[[int], int], key: int) -> None:
    cast(cache, "computed", (key, compute(key)))


def use() -> None:
    answers = call_many([("cache", "get", n % 3) for n in range(300)])
    print("values:", sorted({value for _, value in answers}), "from", len(answers), "calls")
    print("after 300 calls:", ask("cache", "statistics"))
    print("dropped by hand:", ask("cache", "drop", 1))
    while ask("cache", "statistics")["entries"]:
        sleep(0.05)
    print("again:", ask("cache", "get", 2), ask("cache", "statistics"))


if __name__ == "__main__":
    with Supervisor([Cache(square, seconds=0.5)]):
        use()
