"""What came of a call."""

from __future__ import annotations

import enum


class Status(str, enum.Enum):
    """The first half of what `call` returns: equal to its text, true only for OK.

    OK, ERROR: the second half is what the handler answered. TIMEOUT: nothing came in time, and a
    late answer is dropped; None. DOWN: no such process, or it ended before it answered; why, as a
    str: "noproc", another exit reason, or the Python traceback.
    """

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
