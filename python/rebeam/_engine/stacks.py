"""Where the code of an actor is: its frames, with lines and locals.

Called by the native part (c_src/actor/stack.c) on a thread of its own, which holds the GIL. What is
suspended is found by what awaits what, from the outermost coroutine inwards.
"""

from __future__ import annotations

import gc
import linecache
import os
import reprlib
from collections.abc import Iterator
from types import FrameType
from typing import Any

from rebeam import _frames

_LOCALS_MAX = 50
_TEXT_MAX = 200

# (file, line, function, that line's text, [(name, repr)])
_Frame = tuple[str, int, str, str, list[tuple[str, str]]]
# (what it is: "", or a task's name; whether it runs on a thread now; its frames, outermost first)
_Stack = tuple[str, bool, list[_Frame]]


def describe(
    frame: FrameType | None, run: Any, place: Any, loop_frame: FrameType | None
) -> list[_Stack]:
    """The stacks of an actor: of its run, whose thread is at that frame, or which is suspended, and
    of its asyncio tasks, which have a place in a loop, whose thread is at `loop_frame`. None stands
    for what there is not."""
    stacks: list[_Stack] = []
    if frame is not None:
        stacks.append(("", True, _shown(_outermost_first(frame))))
    elif run is not None:
        stacks.append(("", False, _shown(list(_suspended(run)))))
    if place is not None:
        tasks = place[3]
        stacks = [each for each in stacks if any(not _frames.is_ours(f[0]) for f in each[2])]
        stacks.extend(_of_task(task, loop_frame) for task in _in_order(tasks))
    return [each for each in stacks if each[2]]


def _in_order(tasks: Any) -> list[Any]:
    """Those that are named after a handler or by the user come first."""
    return sorted(
        (task for task in list(tasks) if not task.done()),
        key=lambda task: (_name(task).startswith("Task"), _name(task)),
    )


def _name(task: Any) -> str:
    return task.get_name() or "Task"  # the loop's factory gives one none, from 3.13 on


def _of_task(task: Any, loop_frame: FrameType | None) -> _Stack:
    coroutine = task.get_coro()
    chain = list(_suspended(coroutine))
    if not getattr(coroutine, "cr_running", False):
        return _name(task), False, _shown(chain)
    frames = _outermost_first(loop_frame)
    # It may have gone on since.
    frames = frames[frames.index(chain[0]) :] if chain and chain[0] in frames else chain
    return _name(task), True, _shown(frames)


# ---- which frames ----------------------------------------------------------------------------


def _outermost_first(frame: FrameType | None) -> list[FrameType]:
    frames: list[FrameType] = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames[::-1]


# What has a frame, and what it awaits.
_KINDS = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))


def _suspended(awaited: Any) -> Iterator[FrameType]:
    seen: set[int] = set()
    while awaited is not None and id(awaited) not in seen:
        seen.add(id(awaited))
        for frame, inner in _KINDS:
            if hasattr(type(awaited), frame):
                if getattr(awaited, frame) is not None:
                    yield getattr(awaited, frame)
                awaited = getattr(awaited, inner)
                break
        else:
            awaited = _within(awaited)


def _within(awaited: Any) -> Any:
    """What an object awaits that does not say so, as one that goes on with a coroutine: what it
    refers to that has a frame, or may itself be such an object."""
    for each in gc.get_referents(awaited):
        kind = type(each)
        if any(hasattr(kind, frame) for frame, _ in _KINDS) or kind.__module__ == "_rebeam":
            return each
    return None


# ---- what is shown of them ---------------------------------------------------------------------


def _shown(frames: list[FrameType]) -> list[_Frame]:
    """Without those of this package at both ends: what called the user's code, and where it
    waits."""
    if os.environ.get("REBEAM_DEBUG", "") in ("", "0"):
        users = [i for i, each in enumerate(frames) if not _frames.is_ours(_file(each))]
        frames = frames[users[0] : users[-1] + 1] if users else frames
    return [_frame(each) for each in frames]


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename


def _frame(frame: FrameType) -> _Frame:
    line = frame.f_lineno or frame.f_code.co_firstlineno
    text = linecache.getline(_file(frame), line, frame.f_globals).strip()
    return _file(frame), line, frame.f_code.co_qualname, text, _locals(frame)


def _locals(frame: FrameType) -> list[tuple[str, str]]:
    if frame.f_code.co_name == "<module>" or _frames.is_ours(_file(frame)):
        return []  # its globals; or nothing of the user's
    try:
        found = dict(frame.f_locals)
    except RuntimeError:  # it runs, and they changed meanwhile
        return []
    names = [name for name in found if isinstance(name, str) and name.isidentifier()]
    return [(name, _text(found[name])) for name in names[:_LOCALS_MAX]]


class _Repr(reprlib.Repr):
    """Cuts what is long or deep. What a `__repr__` raises is shown instead."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _TEXT_MAX
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = 8
        self.maxlevel = 4

    def repr_instance(self, x: Any, level: int) -> str:
        try:
            text = repr(x)
        except BaseException as error:  # SystemExit, for one
            return f"<{type(x).__qualname__}, whose repr() raised {type(error).__name__}>"
        return text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 3] + "..."


_repr = _Repr().repr


def _text(value: object) -> str:
    try:
        return _repr(value)
    except BaseException as error:  # a container that another thread changes
        return f"<{type(value).__qualname__}, whose repr() raised {type(error).__name__}>"
