"""What Python does at its end, each part with a deadline, so that none costs the next one.

Runs on the main thread, when no actor runs any more. As under python: threads that are no daemons
are waited for, then atexit handlers run (logging's among them), and open files are flushed. What is
over time is interrupted by a signal, which also wakes what waits for a lock; a handler that is stuck
in C is left to the runtime's own deadline, with the files flushed before.
"""

from __future__ import annotations

import contextlib
import gc
import io
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from rebeam import _asyncio

# Seconds. With those of the loop (_asyncio.py) they are below the runtime's deadline, in
# lib/rebeam/cli/runner.ex and lib/rebeam/runtime.ex.
_THREADS = 3.0
_ATEXIT = 1.5
_ATEXIT_NEXT = 0.3  # for each that is over time after the first
_FLUSH = 0.5


class EndOverdue(BaseException):
    """Raised in what the program's end no longer waits for."""


def run() -> None:
    """Waits for some seconds at most, but for what is stuck in C."""
    import atexit

    _flush_files()
    _asyncio.finish()
    with _deadline(_THREADS):
        try:
            threading._shutdown()  # type: ignore[attr-defined]
        except EndOverdue:
            _tell_threads()
    # One that is interrupted is reported by CPython, and the next one runs.
    with _deadline(_ATEXIT, _ATEXIT_NEXT):
        atexit._run_exitfuncs()
    _flush_files()


@contextlib.contextmanager
def _deadline(seconds: float, again: float = 0.0) -> Iterator[None]:
    """EndOverdue in the block after so long, and then again and again."""

    def raise_overdue(number: int, frame: FrameType | None) -> None:
        raise EndOverdue("not done by the deadline of the program's end")

    try:
        signal.signal(signal.SIGALRM, raise_overdue)
        signal.setitimer(signal.ITIMER_REAL, seconds, again)
        yield
        signal.setitimer(signal.ITIMER_REAL, 0)
    except EndOverdue:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _tell_threads() -> None:
    main = threading.main_thread()
    names = [
        each.name for each in threading.enumerate() if each is not main and not each.daemon
    ]
    print(f"rebeam: not waited for at the end: thread {', '.join(names)}", file=sys.stderr)


def _flush_files() -> None:
    """All that Python objects have open for writing. Nothing is closed: others may still write."""
    with _deadline(_FLUSH, _FLUSH):
        for stream in (sys.stdout, sys.stderr, *_files()):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.flush()


def _files() -> list[io.IOBase]:
    return [each for each in gc.get_objects() if issubclass(type(each), io.IOBase)]
