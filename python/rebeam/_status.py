"""What came of a call."""

from __future__ import annotations

import enum


class Status(str, enum.Enum):
    """The first half of what `call` returns: equal to its text, true only for OK."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    DOWN = "down"

    def __bool__(self) -> bool:
        return self is Status.OK

    def __str__(self) -> str:
        return self.value

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    __hash__ = str.__hash__
