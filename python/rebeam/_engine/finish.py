"""What Python does at its end, each part with a deadline, so that none costs the next one.

Runs on the main thread, when no actor runs any more. As under python: threads that are no daemons
are waited for, then atexit handlers run (logging's among them), and open files are flushed. What is
over time is interrupted by a signal, which also wakes what waits for a lock; so it is by Ctrl-C. A
handler that is stuck in C is left to the runtime's own deadline, with the files flushed before.
"""

from __future__ import annotations

import contextlib
import gc
import io
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import IO, Any

from rebeam._engine import event_loop

# Seconds. With those of the loop (event_loop.py) they are below the runtime's deadline, in
# lib/rebeam/python/ending.ex.
_THREADS = 3.0
_ATEXIT = 1.5
_ATEXIT_NEXT = 0.3  # for each that is over time after the first
_FLUSH = 1.0


class EndOverdue(BaseException):
    """Raised in what the program's end no longer waits for."""


class _Alarm:
    def __init__(self) -> None:
        self._armed = False
        self._works = True
        try:
            signal.signal(signal.SIGALRM, self._ring)
        except ValueError:  # an interpreter unit, whose end the runtime bounds as a whole
            self._works = False

    def bounded(self, step: Callable[[], object], seconds: float, again: float = 0.0) -> None:
        """Calls `step`, and cuts it short after `seconds` or by Ctrl-C. With `again` it may go on
        with what is next for it, for so long each time."""
        if not self._works:
            step()
            return
        try:
            self._armed = True
            signal.signal(signal.SIGALRM, self._ring)
            signal.setitimer(signal.ITIMER_REAL, seconds, again)
            step()
            self._armed = False
        except (EndOverdue, KeyboardInterrupt):
            self._armed = False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            raise EndOverdue("not done by the deadline of the program's end")


def run() -> None:
    """Waits for some seconds at most, but for what is stuck in C."""
    import atexit

    bounded = _Alarm().bounded
    bounded(_flush_files, _FLUSH)
    bounded(event_loop.finish, _THREADS)
    bounded(_await_threads, _THREADS)
    _tell_threads()
    # A handler that is interrupted is reported by CPython, and the next one runs.
    bounded(atexit._run_exitfuncs, _ATEXIT, _ATEXIT_NEXT)
    bounded(_flush_files, _FLUSH)


def _await_threads() -> None:
    """CPython 3.13 takes what interrupts it, and reports that."""
    report = sys.unraisablehook

    def report_others(args: sys.UnraisableHookArgs) -> None:
        if args.exc_type not in (EndOverdue, KeyboardInterrupt):
            report(args)

    sys.unraisablehook = report_others
    try:
        threading._shutdown()  # type: ignore[attr-defined]
    finally:
        sys.unraisablehook = report


def _tell_threads() -> None:
    main = threading.main_thread()
    names = [each.name for each in threading.enumerate() if each is not main and not each.daemon]
    if names:
        print(f"rebeam: not waited for at the end: thread {', '.join(names)}", file=sys.stderr)


def _flush_files() -> None:
    """All that Python objects have open for writing. Nothing is closed: others may still write."""
    _flush([sys.stdout, sys.stderr])  # before the search, which takes a while
    _flush(_files())


def _flush(streams: Sequence[IO[Any] | io.IOBase]) -> None:
    for stream in streams:
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()


def _files() -> list[io.IOBase]:
    return [each for each in gc.get_objects() if issubclass(type(each), io.IOBase)]
