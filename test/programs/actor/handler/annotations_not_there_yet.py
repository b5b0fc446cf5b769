"""Handlers whose annotations cannot be evaluated: nobody does."""

import functools
from typing import TYPE_CHECKING, Annotated

from rebeam import *

if TYPE_CHECKING:
    from nowhere import Unknown


def passing_on(function):
    @functools.wraps(function)
    def around(*args: Unknown, **named: Unknown) -> Unknown:
        return function(*args, **named)

    return around


class Actor(GenPy):
    field: Unknown

    def __init__(self, first: Unknown) -> Unknown:
        self.first: Unknown = first

    @start()
    def begin(self) -> Unknown:
        self.seen: Unknown = []

    @receive("plain")
    def plain(self, message: Unknown) -> Unknown:
        return [message, self.first]

    @receive("parts")
    def parts(self, message: Annotated[int, f"{Unknown} {1 / 0}"]) -> {}["no"]:
        return message

    @receive("async")
    async def waits(self, message: Unknown, **rest: f"{Unknown}") -> Unknown:
        return [message, *sorted(rest)]

    @receive("decorated")
    @passing_on
    def decorated(self, message: f"{Unknown}") -> Unknown:
        return message

    @receive("static")
    @staticmethod
    def static(message: f"{Unknown}") -> Unknown:
        return message

    @classmethod
    @receive("class")
    def of_class(cls, message: f"{Unknown}") -> Unknown:
        return [message, cls.__name__]

    def two(self, message: f"{Unknown}", other: Unknown) -> Unknown:
        return [message, other]

    partial = receive("partial")(functools.partialmethod(two, other=5))

    @receive()
    def other(self, subject: f"{Unknown}") -> Unknown:
        return [subject, self.seen]

    @info()
    def note(self, message: f"{Unknown}") -> Unknown:
        self.seen.append(message)

    @idle(60)
    def rest(self) -> Unknown: ...

    @stop()
    def over(self, reason: f"{Unknown}") -> Unknown:
        print("stop", reason, flush=True)


def ask(target: Unknown) -> Unknown:
    subjects = ["plain", "parts", "async", "decorated", "static", "class", "partial", "any"]
    answers: Unknown = [call(target, subject, 1)[1] for subject in subjects]
    return answers


def main() -> Unknown:
    print(*ask("actor"))
    print(*await_(async_(ask, "actor")))
    send(whereis("actor"), "hello")
    print(call("actor", "any")[1], flush=True)


Supervisor(
    [child(Actor(2), name="actor"), child(main, restart="transient", significant=True)],
    auto_shutdown="any_significant",
)
