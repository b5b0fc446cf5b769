"""What Python's `logging` hands to the log of the runtime."""

from __future__ import annotations

import logging
import sys
from typing import Any

from rebeam import _native
from rebeam._engine import outside, progress
from rebeam._native import ProcessID

__all__ = ["LogHandler", "be_default", "is_default"]

_LEVELS = (
    (logging.CRITICAL, "critical"),
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
    (logging.INFO, "info"),
)

_basic_config = logging.basicConfig
_log: ProcessID | None = None


class LogHandler(logging.Handler):
    """A handler of `logging`: its records stand in the log of the runtime, beside what the runtime
    says itself, with the actor that logged them, its process and its name.

        logging.basicConfig(level=logging.INFO, handlers=[rebeam.LogHandler()])

    A record is handed on, and nobody waits for it to be written. Of a level that is none of the
    five the next lower one counts. With `--log-format json` it is what `logging` uses unless the
    program sets up another handler. Under `python` it writes to standard error.
    """

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        # The log has level and logger beside it. A formatter of the program's own takes its place.
        self.setFormatter(logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Hands a record on. What goes wrong, `logging` reports as of any handler."""
        try:
            text = self.format(record)
            progress.look()
            if not (outside.INSIDE and _handed_on(record, text)):
                sys.stderr.write(text + "\n")
        except RecursionError:
            raise
        except Exception:
            self.handleError(record)


def _handed_on(record: logging.LogRecord, text: str) -> bool:
    told = (
        next((name for least, name in _LEVELS if record.levelno >= least), "debug"),
        _printable(record.name),
        _printable(text),
        _own_pid(),
        int(record.created * 1_000_000),
        _printable(record.pathname),
        record.lineno,
    )
    return _native.cast(_log_process(), "log", told)


def _printable(text: object) -> str:
    return str(text).encode(errors="backslashreplace").decode()


def _own_pid() -> ProcessID | None:
    try:
        return ProcessID()
    except RuntimeError:
        return None  # a thread of no actor's


def _log_process() -> ProcessID:
    global _log
    if _log is None:
        _log = _native._op("runtime.log")
    return _log


def be_default() -> None:
    """From now on `logging` hands on what the program sets up no other handler for."""
    logging.lastResort = LogHandler(logging.WARNING)
    logging.basicConfig = _basic_config_here


def is_default() -> bool:
    """Whether that was called."""
    return logging.basicConfig is _basic_config_here


def _basic_config_here(**options: Any) -> None:
    if not options.keys() & {"handlers", "stream", "filename"}:
        options["handlers"] = [LogHandler()]
    _basic_config(**options)
