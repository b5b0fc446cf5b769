"""How what a thread of an actor waits for is ended, when the actor ends in order.

Called by the native part (c_src/actor/kill.c) on another thread, which holds the GIL. An exception
that it raises there comes when Python code runs: so what waits has to be woken. Code that runs an
event loop is told by what it asked to be done on a signal, else by the cancellation of its main
task, as asyncio does it on Ctrl-C.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from rebeam._engine import loop_signals

_End = Callable[[], object]


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


# ---- event loops -----------------------------------------------------------------------------


def cancellation(frame: FrameType) -> _End | None:
    """What cancels the main task of the event loop that the thread of the frame runs, if any."""
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is None or not hasattr(asyncio, "Runner"):
        return None
    main: Any = None
    for each in _outwards(frame):
        if each.f_code is asyncio.Runner.close.__code__:
            return lambda: None  # it is at its end
        if each.f_code is asyncio.BaseEventLoop.run_until_complete.__code__:
            main = each.f_locals.get("future")
        elif each.f_code is asyncio.Runner.run.__code__:
            main = each.f_locals.get("task")
    if not asyncio.isfuture(main):
        return None
    end = loop_signals.end_of(main) or main.cancel
    return lambda: main.get_loop().call_soon_threadsafe(end)


# ---- waits -------------------------------------------------------------------------------------


def wake(frame: FrameType) -> _End | None:
    """What ends the wait of a Condition, on which Event, Queue and others stand, or of a loop: None
    where the thread of the frame is in none."""
    if frame.f_code is threading.Condition.wait.__code__:
        return _released(frame.f_locals.get("waiter"))
    asyncio: Any = sys.modules.get("asyncio")
    for each in _outwards(frame):
        if asyncio and each.f_code is asyncio.BaseEventLoop.run_forever.__code__:
            loop = each.f_locals["self"]
            return lambda: loop.call_soon_threadsafe(int)
    return None


def _released(waiter: Any) -> _End:
    def release() -> None:
        if waiter is not None and waiter.locked():
            waiter.release()

    return release
