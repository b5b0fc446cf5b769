"""Signals that an event loop is asked to handle where there are none.

Only Python's main thread gets signals. A server that runs in a function under supervision, or as an
asynchronous handler, asks its loop for SIGTERM and SIGINT all the same, to end in order: under
Re:BEAM that is noted, and the end of the function or actor does what the signal would.
"""

from __future__ import annotations

import contextlib
import functools
import signal
import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import CoroutineType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

_End = Callable[[], object]


class Handlers:
    """What was asked for: one loop's, or one actor's of the loop that all share."""

    def __init__(self) -> None:
        self._ends: dict[int, _End] = {}

    def add(self, number: int, callback: Callable[..., object], *args: Any) -> None:
        self._ends[number] = functools.partial(callback, *args)

    def remove(self, number: int) -> bool:
        return self._ends.pop(number, None) is not None

    def end(self) -> _End | None:
        """What the signal would do that ends a program."""
        return self._ends.get(signal.SIGTERM) or self._ends.get(signal.SIGINT)


mine: ContextVar[Handlers] = ContextVar("rebeam.signals")
"""An actor's, in the shared loop."""

_shared: WeakSet[Any] = WeakSet()
_own: WeakKeyDictionary[Any, Handlers] = WeakKeyDictionary()


def share(loop: Any) -> None:
    """From now on each actor in it has its own."""
    _shared.add(loop)


def end_of(task: Any, asked: Handlers | None = None) -> _End | None:
    """What a signal would do to the server that a task of a loop runs, to be called in the loop;
    None if it has asked for none."""
    asked = asked or _own.get(task.get_loop())
    return (asked.end() if asked else None) or _server_end(task)


def _server_end(task: Any) -> _End | None:
    """Of uvicorn's server, which asks for no signal where there is none, and cleans up on one, but
    not when it is cancelled."""
    coroutine = task.get_coro() if hasattr(task, "get_coro") else None
    while isinstance(coroutine, CoroutineType):
        server: Any = coroutine.cr_frame and coroutine.cr_frame.f_locals.get("self")
        if hasattr(server, "should_exit") and hasattr(server, "handle_exit"):
            return functools.partial(server.handle_exit, signal.SIGTERM, None)
        coroutine = coroutine.cr_await
    return None


# ---- what loops do -----------------------------------------------------------------------------


def _handlers(loop: Any) -> Handlers | None:
    """Of code of an actor's or a function's; None for all other code, to which nobody says when it
    ends."""
    if threading.current_thread() is threading.main_thread():
        return None
    with contextlib.suppress(RuntimeError):
        from rebeam._native import ProcessID  # not before: the importer works without it

        ProcessID()
        return mine.get(None) if loop in _shared else _own.setdefault(loop, Handlers())
    return None


def _catchable() -> set[signal.Signals]:
    return signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}


def _change(loop_class: Any) -> None:
    add, remove = loop_class.add_signal_handler, loop_class.remove_signal_handler

    @functools.wraps(add)
    def add_signal_handler(self: Any, sig: int, callback: Callable[..., Any], *args: Any) -> None:
        handlers = _handlers(self)
        try:
            add(self, sig, callback, *args)
        except (RuntimeError, ValueError):  # asyncio's, and uvloop's
            if handlers is None or self.is_closed() or sig not in _catchable():
                raise
            handlers.add(sig, callback, *args)

    @functools.wraps(remove)
    def remove_signal_handler(self: Any, sig: int) -> bool:
        handlers = _handlers(self)
        removed = handlers is not None and handlers.remove(sig)
        return removed or bool(remove(self, sig))

    loop_class.add_signal_handler = add_signal_handler
    loop_class.remove_signal_handler = remove_signal_handler


def _change_asyncio(module: ModuleType) -> None:
    _change(vars(module)["_UnixSelectorEventLoop"])


def _change_uvloop(module: ModuleType) -> None:
    _change(vars(module)["Loop"])


CHANGES = {"asyncio.unix_events": _change_asyncio, "uvloop": _change_uvloop}
"""What is done with which module once it is loaded."""
