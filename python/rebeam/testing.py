"""Tests of actors: in pytest or unittest, run inside the runtime by `rebeam -m pytest`.

For pytest put `pytest_plugins = ["rebeam.testing"]` into the top conftest.py; with `rebeam`
installed by pip it is a plugin already. It ends after each test what the test started, and offers
the fixtures `start_supervised` and `probe`. In unittest say `self.addCleanup(end_supervised)`.

An actor that crashes fails no test by itself. The crash is in the log, which pytest shows with a
test that fails; callers get `(Status.DOWN, traceback)`; and the actor is not started again, so
nothing hides it. PYTEST_DONT_REWRITE, as the runtime loads this module before pytest may.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, TypeVar, overload

from rebeam._child import Child, Item, child
from rebeam._children import run_register_process, stop_process
from rebeam._cluster import (
    Cluster,
    Node,
    cluster,
    delay,
    end_clusters,
    freeze,
    heal,
    kill,
    partition,
    restart,
    thaw,
)
from rebeam._engine import outside
from rebeam._genpy import GenPy
from rebeam._marks import info, receive
from rebeam._native import ProcessID, Response, call, response_ok, sleep
from rebeam._status import Status

__all__ = [
    "Cluster",
    "Node",
    "Probe",
    "Received",
    "cluster",
    "delay",
    "end_supervised",
    "freeze",
    "heal",
    "kill",
    "partition",
    "restart",
    "start_supervised",
    "stop_supervised",
    "supervised",
    "thaw",
    "wait_until",
]

# What pytest loads besides when this module is its plugin.
pytest_plugins = ("rebeam._pytest",)

_T = TypeVar("_T")

_HOW = "run the tests with `rebeam -m pytest`"
_POLL = 0.01

_started: list[ProcessID] = []
"""What `start_supervised` started and nobody ended, the newest last."""


# ---- starting and ending -----------------------------------------------------------------


def start_supervised(item: Item | Child, name: str | None = None) -> ProcessID:
    """Starts an item for the running test, and returns its process. Suspends.

    item: what a Supervisor takes; name: to register it under. It is ended after the test, the
    newest first (with pytest; otherwise by `end_supervised`), and runs once: it is not started
    again after a crash. To test restarts, start a Supervisor. RuntimeError with the traceback if
    it does not start; ValueError for a child that is to be restarted.
    """
    __tracebackhide__ = True
    _require("start_supervised")
    if os.environ.get("PYTEST_CURRENT_TEST") and "rebeam._pytest" not in sys.modules:
        raise RuntimeError(
            "start_supervised would not end what it starts: put "
            '`pytest_plugins = ["rebeam.testing"]` into the top conftest.py'
        )
    pid = _start(item, name)
    _started.append(pid)
    return pid


def stop_supervised(pid: ProcessID) -> bool:
    """Ends what `start_supervised` started, in order: its @stop runs. Suspends until it has ended.

    False if it had ended before.
    """
    _require("stop_supervised")
    if pid in _started:
        _started.remove(pid)
    return stop_process(pid)


def end_supervised() -> None:
    """Ends all that `start_supervised` and `cluster` started, the newest first, the clusters last.
    Suspends until they have ended.

    The pytest plugin does it after each test; in unittest use `self.addCleanup(end_supervised)`.
    """
    while _started:
        stop_process(_started.pop())
    end_clusters()


@overload
def supervised(item: Item | Child, /) -> AbstractContextManager[ProcessID]: ...
@overload
def supervised(
    first: Item | Child, second: Item | Child, /, *more: Item | Child
) -> AbstractContextManager[tuple[ProcessID, ...]]: ...
def supervised(*items: Item | Child) -> AbstractContextManager[Any]:
    """Runs items for the length of a `with` block: gives the ProcessID, of several a tuple.

    They are started in their order as by `start_supervised`, and ended in reverse order when the
    block is left. A crash in between raises nothing there. Entering and leaving do not suspend: a
    thread waits.
    """
    _require("supervised")
    return _supervised(items)


@contextmanager
def _supervised(items: tuple[Item | Child, ...]) -> Generator[Any, None, None]:
    pids: list[ProcessID] = []
    try:
        for item in items:
            pids.append(_start(item, None))
        yield pids[0] if len(pids) == 1 else tuple(pids)
    finally:
        for pid in reversed(pids):
            stop_process(pid)


def _start(item: Item | Child, name: str | None) -> ProcessID:
    __tracebackhide__ = True
    each = item if isinstance(item, Child) else child(item, restart="temporary")
    if each.options["restart"] != "temporary":
        raise ValueError(
            f"{each!r} would be restarted as another process: start Supervisor([{each!r}]) "
            f"to test restarts, or give restart='temporary'"
        )
    try:
        return run_register_process(each, name)
    except RuntimeError as error:
        raise error.with_traceback(None) from None  # of which nothing here is the test's


def _require(what: str) -> None:
    __tracebackhide__ = True
    outside.require(what, _HOW)


# ---- waiting -------------------------------------------------------------------------------


def wait_until(condition: Callable[[], _T], timeout: float = 5.0) -> _T:
    """Waits until `condition()` is true, and returns what it returned. Suspends.

    timeout: seconds, after which AssertionError tells the last result. What the condition raises
    is raised. It is called every hundredth of a second.
    """
    __tracebackhide__ = True
    _require("wait_until")
    end = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() >= end:
            name = getattr(condition, "__qualname__", repr(condition))
            raise AssertionError(f"{name}() was still {result!r} after {timeout} s")
        sleep(_POLL)
    return result


# ---- watching messages ---------------------------------------------------------------------


class Received(NamedTuple):
    """A message that a Probe got. `subject` is None for a plain Erlang message (`@info`)."""

    subject: str | None
    message: Any
    source: ProcessID | None = None
    status: Status | None = None


class _Recorder(GenPy):
    """The actor of a Probe."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.inbox: list[Received] = []

    @receive("$rebeam.take")
    def take(self, message: tuple[str | None, bool]) -> Response:
        """The oldest message of that subject, taken out; else None, and what there is."""
        subject, whichever = message
        for each in self.inbox:
            if whichever or each.subject == subject:
                self.inbox.remove(each)
                return response_ok((tuple(each), []))
        return response_ok((None, [tuple(each) for each in self.inbox]))

    @receive()
    def record(
        self, subject: str, message: Any, source: ProcessID | None, status: Status | None
    ) -> Any:
        self.inbox.append(Received(subject, message, source, status))
        return self.answers.get(subject)

    @info()
    def plain(self, message: Any) -> None:
        self.inbox.append(Received(None, message))


class Probe:
    """An actor that records what it gets, and answers what it is told to.

    name: to register it under, in place of the real one; answers: what it answers a call of a
    subject, a value or a `response_error(...)`; None for all others. Started by `start_supervised`,
    so it ends with the test. Making one suspends.
    """

    pid: ProcessID
    """Its process: the target, the `sender_pid`, the watcher of others."""

    def __init__(self, name: str | None = None, answers: Mapping[str, Any] | None = None) -> None:
        _require("Probe")
        self.pid = start_supervised(_Recorder(dict(answers or {})), name)

    def __repr__(self) -> str:
        return f"Probe({getattr(self, 'pid', None)!r})"

    def expect(self, subject: str, timeout: float = 5.0) -> Received:
        """Waits for a message of that subject and takes out the oldest. Suspends.

        timeout: seconds, after which AssertionError tells what came instead.
        """
        __tracebackhide__ = True
        return self._expect(subject, False, timeout, f"no {subject!r}")

    def expect_any(self, timeout: float = 5.0) -> Received:
        """As `expect`, whatever the message is. Suspends."""
        __tracebackhide__ = True
        return self._expect(None, True, timeout, "no message")

    def expect_info(self, timeout: float = 5.0) -> Received:
        """As `expect`, for plain Erlang messages: what `send` sends, Down, Exit. Suspends."""
        __tracebackhide__ = True
        return self._expect(None, False, timeout, "no plain message")

    def expect_nothing(self, timeout: float = 0.1) -> None:
        """AssertionError if a message is there, or comes within that many seconds. Suspends."""
        __tracebackhide__ = True
        end = time.monotonic() + timeout
        while True:
            found, _ = self._take(None, True)
            if found is not None:
                raise AssertionError(f"the probe got {_show(found)}")
            if time.monotonic() >= end:
                return
            sleep(_POLL)

    def received(self) -> list[Received]:
        """What came and was not taken out by `expect`, the oldest first. Suspends."""
        return self._take("$rebeam.none", False)[1]

    def _expect(self, subject: str | None, whichever: bool, timeout: float, what: str) -> Received:
        __tracebackhide__ = True
        end = time.monotonic() + timeout
        while True:
            found, others = self._take(subject, whichever)
            if found is not None:
                return found
            if time.monotonic() >= end:
                came = ", ".join(_show(each) for each in others) or "nothing"
                raise AssertionError(f"{what} within {timeout} s; the probe got {came}")
            sleep(_POLL)

    def _take(self, subject: str | None, whichever: bool) -> tuple[Received | None, list[Received]]:
        status, answer = call(self.pid, "$rebeam.take", (subject, whichever))
        if not status:
            raise RuntimeError(f"the probe has ended: {answer}")
        found, others = answer
        return found and Received(*found), [Received(*each) for each in others]


def _show(each: Received) -> str:
    kind = "a plain message" if each.subject is None else repr(each.subject)
    return f"{kind} ({each.message!r})"
