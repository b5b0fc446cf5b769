"""`ask`: a call that returns its value or raises, for code that cannot go on without an answer."""

from __future__ import annotations

from typing import Any

from rebeam._engine.event_loop import call_async
from rebeam._native import Target, call
from rebeam._status import Status

_Answer = tuple[Status, Any]


class CallError(Exception):
    """The handler answered `response_error(response)`.

    `target` and `subject` are those of the call. A response that is an exception is the cause of
    this one, too.
    """

    __module__ = "rebeam"

    def __init__(self, target: Target, subject: str, response: Any) -> None:
        super().__init__(target, subject, response)
        self.target = target
        self.subject = subject
        self.response = response

    def __str__(self) -> str:
        return f"{self.target!r} answered {self.subject!r} with an error: {self.response!r}"


class CallTimeout(TimeoutError):
    """Nothing came in `timeout` seconds; a late answer is dropped.

    The handler may have run, may run still, or never. `target` and `subject` are those of the call.
    """

    __module__ = "rebeam"

    def __init__(self, target: Target, subject: str, timeout: float | None) -> None:
        super().__init__(target, subject, timeout)
        self.target = target
        self.subject = subject
        self.timeout = timeout

    def __str__(self) -> str:
        return f"{self.target!r} did not answer {self.subject!r} in {self.timeout} s"


class CallDown(Exception):
    """There is no such process ("noproc"), or it ended before it answered.

    `reason` is why, as a str: an exit reason, or the traceback of what its code raised, which is
    the cause of this exception as well. `target` and `subject` are those of the call.
    """

    __module__ = "rebeam"

    def __init__(self, target: Target, subject: str, reason: str) -> None:
        super().__init__(target, subject, reason)
        self.target = target
        self.subject = subject
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.target!r} is down, asked for {self.subject!r}: {_last_line(self.reason)}"


def _last_line(reason: str) -> str:
    """What was raised, of a traceback: what follows its last frame, before any notes."""
    _, frame, rest = reason.rpartition('\n  File "')
    lines = [line for line in rest.splitlines() if line.strip()]
    if not frame:
        return lines[-1] if lines else ""
    return next((line for line in lines[1:] if line[:1] != " "), lines[-1])


class RemoteTraceback(Exception):
    """Where it went wrong in another process: its text is that process's traceback."""

    def __str__(self) -> str:
        return "in the process that was asked:\n" + str(self.args[0])


def ask(target: Target, subject: str, message: Any = None, timeout: float | None = 5.0) -> Any:
    """Asks an actor and returns what its handler answered.

    Takes what `call` takes. Raises CallError if the handler answered with an error, CallTimeout if
    nothing came in time, CallDown if there is no such process or it ended before; besides that what
    `call` raises. Suspends the actor that calls it; a plain thread waits.
    """
    return _value(call(target, subject, message, timeout), target, subject, timeout)


async def ask_async(
    target: Target, subject: str, message: Any = None, timeout: float | None = 5.0
) -> Any:
    """`ask`, to be awaited: in `asyncio.gather`, `asyncio.create_task` and the like.

    Takes, returns and raises what `ask` does. Cancelled, it waits no more. Suspends the task;
    outside asyncio, the actor or the thread.
    """
    answer = await call_async(target, subject, message, timeout)
    return _value(answer, target, subject, timeout)


def _value(answer: _Answer, target: Target, subject: str, timeout: float | None) -> Any:
    status, response = answer
    if status is Status.OK:
        return response
    if status is Status.ERROR:
        cause = response if isinstance(response, BaseException) else None
        raise CallError(target, subject, response) from cause
    if status is Status.TIMEOUT:
        raise CallTimeout(target, subject, timeout)
    traced = RemoteTraceback(response) if "\n" in response else None
    raise CallDown(target, subject, response) from traced
