"""Tasks: functions that run beside their caller and give it a result (lib/rebeam/tasks.ex).

All functions suspend the actor that calls them; a plain thread waits. A task's function runs as
with `spawn`: as a process, suspended where it waits, with copies of its arguments. Its result is
kept outside the caller until it is asked for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from rebeam import _items
from rebeam._arguments import is_number, time_limit
from rebeam._errors import TaskError
from rebeam._native import Packed, ProcessID, _op, cast, packed, unpack
from rebeam._processes import bind, check
from rebeam._status import Status

_TAKEN = "the task has been awaited or cancelled already"

_T = TypeVar("_T")
_I = TypeVar("_I")


class Task(Generic[_T]):
    """A running function, made by `async_`. `pid` is its process.

    It belongs to the process that made it, and is no value to be sent. Dropped without being
    awaited, it goes on, and its result is lost.
    """

    __slots__ = ("_keeper", "_linked", "_owner", "pid")

    pid: ProcessID

    def __init__(
        self, keeper: ProcessID, pid: ProcessID, owner: ProcessID | None, linked: bool
    ) -> None:
        self.pid = pid
        self._keeper: ProcessID | None = keeper  # None once the result was taken
        self._owner, self._linked = owner, linked

    def cancel(self) -> None:
        """Ends the task, with ActorExit where it waits and by force after 5 seconds, and returns
        when it has ended. Its caller is not affected, linked or not. Suspends."""
        if self._keeper is not None:
            _op("tasks.close", self._keeper)

    def __repr__(self) -> str:
        return f"<Task {self.pid}>"

    def __reduce__(self) -> Any:
        raise TypeError("a Task belongs to the process that made it; send its pid")

    def __del__(self) -> None:
        _drop(self)


def async_(fn: Callable[..., _T], /, *args: Any, linked: bool = True) -> Task[_T]:
    """Runs `fn(*args)` as a process beside the caller; `await_` gives its result.

    linked: if the task fails, so does its caller, and the other way round. A caller that traps
    exits gets an `Exit` instead, when the task ends in whatever way, and TaskError from `await_`.
    The script's body and plain threads are not linked. Suspends.
    """
    call = _Call(bind(fn, args, {}))
    keeper, pid, owner = _op("tasks.async", _items.label(fn), bool(linked), objects=[call])
    return Task(keeper, pid, owner, bool(linked))


def await_(task: Task[_T], timeout: float | None = 5.0) -> _T:
    """The result of a task, waiting for it at most `timeout` seconds; None waits for ever.

    TaskError if it failed. TimeoutError if it is not over in time: it goes on, and may be awaited
    again, as after a wait that was cancelled or interrupted. RuntimeError if its result was taken
    before, or if it is another process's. Suspends.
    """
    result = _result(task, timeout)
    _take(task)
    return _rebuild(result)  # type: ignore[no-any-return]


def await_many(tasks: Iterable[Task[_T]], timeout: float | None = 5.0) -> list[_T]:
    """The results of several tasks, in their order, all within `timeout` seconds. Fails as
    `await_` does, at the first that fails; the others may be awaited again. Suspends."""
    _limit(timeout)
    end = None if timeout is None else time.monotonic() + timeout
    tasks, results = list(tasks), []
    for task in tasks:
        left = None if end is None else max(0.0, end - time.monotonic())
        results.append(_result(task, left))
    for task in tasks:
        _take(task)
    return [_rebuild(result) for result in results]


def _result(task: Task[Any], timeout: float | None) -> Packed:
    """The result that the task's keeper keeps: whoever waits may be cut off before it is here."""
    if not isinstance(task, Task):
        raise TypeError(f"await_ takes a Task that async_ made, not {task!r}")
    limit = _limit(timeout)
    if task._keeper is None:
        raise RuntimeError(_TAKEN)
    try:
        result: Packed = _op("tasks.await", task._keeper, task._owner, task._linked, limit)
    except TaskError:
        _take(task)
        raise
    return result


def _take(task: Task[Any]) -> None:
    """It is here, and needs no keeper any more."""
    if task._keeper is None:
        raise RuntimeError(_TAKEN)
    _drop(task)
    task._keeper = None


def async_stream(
    fn: Callable[[_I], Any],
    iterable: Iterable[_I],
    max_concurrency: int | None = None,
    ordered: bool = True,
    timeout: float | None = 5.0,
    linked: bool = True,
) -> Stream:
    """Runs `fn(item)` for each item as a task, several at once; an iterator over what they give.

    max_concurrency: how many run or wait to be taken, at most; the number of cores without it.
    Items are taken from `iterable` only when one more may run. ordered: in the order of the items,
    else as they are over. timeout: seconds that each may take, None for any. linked: as for
    `async_`.

    Yields (Status.OK, result), (Status.DOWN, traceback) for a task that failed, (Status.TIMEOUT,
    None) for one that was ended because it took too long. Left early, or if `iterable` raises, what
    runs is ended. A `for` over it holds a thread while it waits.
    """
    check(fn)
    if max_concurrency is None:
        max_concurrency = os.cpu_count() or 1
    if not isinstance(max_concurrency, int) or max_concurrency < 1:
        raise ValueError(f"max_concurrency is a whole number from 1 on, not {max_concurrency!r}")
    limit = _limit(timeout)
    return Stream(fn, iter(iterable), max_concurrency, bool(ordered), limit, bool(linked))


class Stream(Iterator["tuple[Status, Any]"]):
    """What `async_stream` returns."""

    def __init__(
        self,
        fn: Callable[[Any], Any],
        items: Iterator[Any],
        most: int,
        ordered: bool,
        limit: int | None,
        linked: bool,
    ) -> None:
        self._fn, self._most, self._ordered, self._limit = fn, most, ordered, limit
        self._items: Iterator[Any] | None = items
        self._linked = linked
        self._running = self._taken = 0
        self._calls: list[object] = []  # to be started
        self._asked = False
        self._keeper: ProcessID | None = None

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> tuple[Status, Any]:
        if self._asked:
            raise ValueError("async_stream already executing")
        self._asked = True
        try:
            return self._next()
        finally:
            self._asked = False

    def _next(self) -> tuple[Status, Any]:
        """A wait that was cut off is for the same item the next time."""
        if self._items is not None or self._calls:
            self._fill()
        if self._running == 0:
            self.close()
            raise StopIteration
        number = self._taken if self._ordered else None
        status, value = _op("tasks.next", self._keeper, self._linked, number, self._taken)
        self._running -= 1
        self._taken += 1
        if status != Status.OK:
            return Status(status), value
        try:
            return Status.OK, _rebuild(value)
        except TaskError as error:
            return Status.DOWN, error.reason

    def close(self) -> None:
        """Ends the tasks that run, and returns when they have ended. Suspends."""
        self._items = None
        self._running = 0
        self._calls = []
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            _op("tasks.close", keeper)

    def _fill(self) -> None:
        """Starts as many tasks as may run."""
        try:
            while self._items is not None and self._running + len(self._calls) < self._most:
                self._calls.append(_Call(bind(self._fn, (next(self._items),), {})))
        except StopIteration:
            self._items = None
        except BaseException:
            self.close()
            raise
        if not self._calls:
            return
        if self._keeper is None:
            self._keeper = _op("tasks.stream", self._linked)
        calls, self._calls = self._calls, []
        self._running += len(calls)  # also if this is cut off: once asked for, they start
        _op("tasks.start", self._keeper, _items.label(self._fn), self._limit, objects=calls)

    def __del__(self) -> None:
        _drop(self)


class _Call:
    """A task's function, run so that its result is kept."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call

    def __call__(self) -> None:
        _op("tasks.result", _pack(self._call()))


def _pack(result: object) -> Packed:
    try:
        return packed(result)
    except TypeError as error:
        text = str(error)
        if not text.startswith("value"):
            raise
        raise TypeError("result" + text[len("value") :]) from None


def _rebuild(result: Packed) -> Any:
    try:
        return unpack(result)
    except Exception as error:
        raise TaskError(f"the result cannot be rebuilt: {error}") from error


def _drop(holder: Task[Any] | Stream) -> None:
    """Tells the keeper that nobody will ask; a destructor must not wait."""
    keeper = getattr(holder, "_keeper", None)
    if keeper is not None:
        cast(keeper, "close")


def _limit(timeout: float | None) -> int | None:
    """As time_limit, but ValueError for whatever it cannot be."""
    if timeout is not None and not is_number(timeout):
        raise ValueError(f"timeout must be a non-negative number of seconds, not {timeout!r}")
    return time_limit(timeout, "timeout")
