"""Whose frames a traceback shows: an error is due to the user's line, not to what it called here.

Where code of the user's is called back, the frames between the two stay. `REBEAM_DEBUG=1` keeps
all, for faults of this package.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from typing import Any

_OURS = os.path.dirname(__file__) + os.sep
_LIBRARY = os.path.dirname(os.__file__) + os.sep
_PACKAGES = ("site-packages", "dist-packages")


def is_ours(path: str) -> bool:
    """Whether a file of that name is one of this package's."""
    return path.startswith(_OURS)


def of_user() -> tuple[types.FrameType, int]:
    """The frame of the user's that has called this package, and its level for warnings."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and is_ours(frame.f_code.co_filename):
        frame, level = frame.f_back, level + 1
    return frame, level


def trim(error: BaseException) -> None:
    """Cuts the frames of this package off the end of an exception's traceback, and of those that
    are shown with it. The user's frame is the last one then."""
    if os.environ.get("REBEAM_DEBUG", "") not in ("", "0"):
        return
    for each in _shown(error, set()):
        each.__traceback__ = _without_end(each.__traceback__)


def stack_of(frame: types.FrameType) -> str:
    """Where a thread is, as a traceback shows it."""
    import traceback  # when it is needed

    return "".join(traceback.format_stack(frame)).rstrip()


def any_left(error: BaseException) -> bool:
    """Whether its traceback has a frame of somebody else's."""
    trace = error.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace is not None


def end_at(error: BaseException, code: types.CodeType) -> None:
    """Gives an error that nothing is left of but what went wrong a traceback: the head of the
    function that it is about."""
    import ast  # when it is needed
    import linecache

    line = code.co_firstlineno
    lines = linecache.getlines(code.co_filename)[line - 1 :]
    heads = (n for n, text in enumerate(lines) if text.lstrip().startswith(("def ", "async def ")))
    skipped = next(heads, 0)  # decorators
    text = lines[skipped].rstrip() if lines else ""
    place: dict[str, Any] = {"lineno": line + skipped, "end_lineno": line + skipped}
    # All of the line, so that nothing in it is marked.
    place |= {"col_offset": len(text) - len(text.lstrip()), "end_col_offset": len(text)}
    raising = ast.Raise(ast.Name("error", ast.Load(), **place), **place)
    made = compile(ast.Module([raising], []), code.co_filename, "exec")
    try:
        exec(made.replace(co_name=code.co_name, co_qualname=code.co_qualname), {"error": error})
    except BaseException:
        assert error.__traceback__ is not None
        error.__traceback__ = error.__traceback__.tb_next


def _shown(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """The exception, its causes and contexts, and what is in groups."""
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
            yield from _shown(inner, seen)
        yield from _shown(error.__cause__, seen)
        error = error.__context__


def _without_end(trace: types.TracebackType | None) -> types.TracebackType | None:
    last, ours, each = None, False, trace
    while each is not None:
        path = each.tb_frame.f_code.co_filename
        # Python's own library goes with who has called it.
        if is_ours(path) or (ours and _is_library(path)):
            ours = True
        else:
            last, ours = each, False
        each = each.tb_next
    if ours:
        if last is None:
            return None
        last.tb_next = None
    return trace


def _is_library(path: str) -> bool:
    if path.startswith("<frozen "):
        return True
    return path.startswith(_LIBRARY) and not any(name in path for name in _PACKAGES)
