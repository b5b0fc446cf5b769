"""Actors as users write them: each line passes mypy --strict and pyright's strict mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rebeam import (
    GenPy,
    ProcessID,
    Response,
    Status,
    call,
    cast,
    info,
    receive,
    response_error,
    response_ok,
    sleep,
    start,
    stop,
)


@dataclass
class Order:
    item: str
    count: int


class Counter(GenPy):
    def __init__(self, first: int = 0, name: str = "counter") -> None:
        self.name = name
        self.n = first

    @start()
    def boot(self) -> None:
        self.state["booted"] = True

    @receive("add")
    def add(self, message: int, source: ProcessID | None) -> Response:
        if message < 0:
            return response_error(f"{source} may not take")
        self.n += message
        return response_ok(self.n)

    @receive("get")
    def get(self) -> int:
        return self.n

    @receive()
    def other(self, subject: str, **rest: Any) -> Response:
        return response_error(f"no {subject}, {rest}")

    @info()
    def note(self, message: Any) -> None:
        self.state.setdefault("notes", []).append(message)

    @stop()
    def cleanup(self, reason: str) -> None:
        self.state.clear()


class Loud(Counter):
    @receive("add")
    def add(self, message: int, source: ProcessID | None) -> Response:
        answer = super().add(message, source)
        cast("log", "added", answer.value, sender_pid=ProcessID())
        return answer

    @staticmethod
    @receive("ping")
    def ping(message: object) -> object:
        return message


class Shop(GenPy):
    """No __init__ of its own."""

    @receive("order")
    def order(self, message: Order) -> Response:
        status, answer = call("stock", "take", message.item, timeout=1.5)
        if status:
            return response_ok(answer)
        if status == "down":
            sleep(0.1)
        if status == Status.TIMEOUT:
            return response_error()
        text: str = f"{status}: {answer}" + status.value
        return response_error(text)


# A decorator leaves the function's type as it is.
counter = Counter(2)
answer: Response = counter.add(3, None)
number: int = counter.get()
total: int = counter.n
same: bool = answer == response_ok(5)
