"""What is printed, in a VM that goes on after the script.

Where somebody else than the terminal of this OS process started the script (IEx, a notebook, a
remote shell), `sys.stdout` and `sys.stderr` hand each line to the group leader of whoever started
what prints it (lib/rebeam/output.ex), and wait until that has it. All scripts of a VM have the same
two streams, so also handlers of `logging` that one of them made follow. Actors and their threads,
tasks and processes inherit where they print.

What C code writes to descriptors 1 and 2 is the OS process's own, as everywhere.
"""

from __future__ import annotations

import _posixsubprocess
import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

from rebeam._native import (
    _output,
    _output_await,
    _output_descriptor,
    _output_inherit,
    _output_write,
    _output_writer,
)

__all__ = ["by_line", "flush_followed", "follow", "follows"]

_prepared = False
_following = False

# Where `_posixsubprocess.fork_exec` has what standard output and error of the child are to be.
_CHILD_OUTPUT, _CHILD_ERRORS = 9, 11
_INHERITED = -1


def by_line() -> None:
    """Output by the line: in a VM that runs on, nobody would see what stays in a buffer."""
    global _prepared
    if not _prepared:
        _prepared = True
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def follow(anyhow: bool = False) -> None:
    """From now on, if what runs here prints elsewhere than on the terminal, all goes by what
    prints it. For code that is hosted: what Elixir started, and actors in units."""
    global _following
    by_line()
    if _following or not (anyhow or _output()):
        return
    _following = True
    sys.stdout = sys.__stdout__ = _stream(sys.stdout, "strict")  # type: ignore[misc, assignment]
    sys.stderr = sys.__stderr__ = _stream(sys.stderr, "backslashreplace")  # type: ignore[misc, assignment]
    threading.Thread.start = _inheriting(threading.Thread.start)  # type: ignore[method-assign]
    threading.Thread._bootstrap = _inherited(threading.Thread._bootstrap)  # type: ignore[attr-defined]
    _pipe_processes()


def flush_followed() -> None:
    """The body is over: the beginning of a line is no longer waited with."""
    if _following:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.flush()


def follows() -> bool:
    """Whether it is so. Units are told: what they begin with may take the streams there are."""
    return _following


# ---- streams -------------------------------------------------------------------------


def _stream(own: TextIO | None, errors: str) -> TextIO:
    """Without a buffer: each print is whole where lines are put together, whoever else prints."""
    errors = getattr(own, "errors", None) or errors
    raw = _Raw(own)
    return io.TextIOWrapper(raw, "utf-8", errors, newline="\n", write_through=True)


class _Raw(io.RawIOBase):
    """Bytes to whom they are for; what is for the terminal goes through the stream of CPython's."""

    def __init__(self, own: TextIO | None) -> None:
        self._own = own
        self.name = getattr(own, "name", None)
        self.mode = "wb"
        self.write = _output_writer(self._write)  # type: ignore[method-assign]

    def _write(self, data: Any) -> int:
        written = _output_write(data, True)
        if written >= 0:
            _await(written)
        elif self._own is not None:
            self._own.buffer.write(data)
            if b"\n" in bytes(data):
                self._own.buffer.flush()
        return memoryview(data).nbytes

    def flush(self) -> None:
        super().flush()
        written = _output_write(b"", True)
        if written >= 0:
            _await(written)
        elif self._own is not None:
            self._own.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return _output() == 0 and self._own is not None and self._own.isatty()

    def fileno(self) -> int:
        descriptor = _output_descriptor()
        if descriptor >= 0:
            return descriptor
        if self._own is None:
            raise io.UnsupportedOperation("there is no terminal")
        return self._own.fileno()


def _await(written: int) -> None:
    """Code that is to end hears of it in between, as does a handler of signals."""
    while written > 0 and not _output_await(written):
        pass


# ---- who inherits --------------------------------------------------------------------


def _inheriting(start: Callable[..., None]) -> Callable[..., None]:
    def start_thread(self: Any) -> None:
        self._rebeam_output = _output()
        start(self)

    start_thread.__name__, start_thread.__doc__ = "start", start.__doc__
    return start_thread


def _inherited(bootstrap: Callable[..., None]) -> Callable[..., None]:
    def bootstrap_thread(self: Any) -> None:
        _output_inherit(getattr(self, "_rebeam_output", 0))
        bootstrap(self)

    return bootstrap_thread


def _pipe_processes() -> None:
    import subprocess  # for programs that are hosted

    _posixsubprocess.fork_exec = _piped(_posixsubprocess.fork_exec)
    subprocess._fork_exec = _posixsubprocess.fork_exec  # type: ignore[attr-defined]
    setattr(subprocess, "_USE_POSIX_SPAWN", False)  # noqa: B010  for mypy; it knows no pipe of ours
    os.system = _system


def _piped(fork_exec: Callable[..., int]) -> Callable[..., int]:
    """A process that inherits the standard output has a pipe instead."""

    def start_process(*args: Any) -> int:
        descriptor = _output_descriptor()
        if descriptor >= 0:
            changed = list(args)
            for place in (_CHILD_OUTPUT, _CHILD_ERRORS):
                if changed[place] == _INHERITED:
                    changed[place] = descriptor
            args = tuple(changed)
        return fork_exec(*args)

    return start_process


_plain_system = os.system


def _system(command: Any) -> int:
    """os.system: the exit status, as wait has it."""
    if _output() == 0:
        return _plain_system(command)
    import subprocess  # when it is needed

    status = subprocess.call(command, shell=True)
    return status << 8 if status >= 0 else -status


_system.__name__ = "system"
