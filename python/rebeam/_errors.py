"""Exceptions between Python and the runtime."""

from __future__ import annotations

import os
import types
from collections.abc import Callable
from typing import Any

from rebeam import _frames, _shown
from rebeam._native import _kill_hard

# The frames between an actor and its async handlers are no news to anybody; those of a state
# machine or a task are, where they raise themselves.
_EVENT_LOOP, _STATEM, _TASKS = (
    os.path.join(os.path.dirname(__file__), name)
    for name in (os.path.join("_engine", "event_loop.py"), "_statem.py", "_tasks.py")
)


class ActorExit(BaseException):
    """Raised in an actor's waiting code when the actor shuts down; in a function, and in a handler
    that no `@stop` follows, also where it computes.

    Not an `Exception`, so that `except Exception` lets it pass; `finally` and
    `with` blocks run, and may send, cast, ask and wait within the shutdown time. Code of a killed
    actor cannot wait: each attempt raises this again.
    """


class BodyOver(BaseException):
    """In an isolation unit: the definitions of main.py end where its body asks the runtime for
    something."""


INTERRUPTED = "its caller waits no more for the answer"


class CallInterrupted(ActorExit):
    """Raised in the code of a handler whose caller gave up: `call(..., interrupt=True)`.

    It comes where the code computes or waits, once. A handler that lets it pass crashes its actor,
    which its supervisor restarts: a state that was left half-way is not used again. One that
    catches it, puts the state right and ends within a second keeps its actor.
    """

    def __init__(self, text: str = INTERRUPTED) -> None:
        super().__init__(text)


class ActorKill(ActorExit):
    """For code of a killed actor that swallowed ActorExit: from here on each line that it tries
    to run raises ActorExit (c_src/actor/kill.c), so no handler holds it up."""

    # No def, whose lines would raise already.
    __init__ = staticmethod(_kill_hard)


class TaskError(RuntimeError):
    """A task failed. `reason` is why: the traceback of what it raised, or its exit reason."""

    @property
    def reason(self) -> str:
        return str(self)


_KNOWN: dict[str, type[BaseException]] = {
    "ActorExit": ActorExit,
    "RuntimeError": RuntimeError,
    "ValueError": ValueError,
    "TypeError": TypeError,
    "LookupError": LookupError,
    "OSError": OSError,
    "PermissionError": PermissionError,
    "TaskError": TaskError,
    "TimeoutError": TimeoutError,
    "ConnectionError": ConnectionError,
}


def make(story: tuple[str, str]) -> BaseException:
    """The exception that the runtime wants raised: (type name, text)."""
    name, text = story
    return _KNOWN.get(name, RuntimeError)(text)


raised: Callable[[Any, BaseException], None] | None = None
"""Hears of each exception that leaves an actor's code (rebeam._engine.watching)."""
recorded: Callable[[Any, BaseException, str], str] | None = None
"""Writes what the flight recorder has of an actor: the path of the file, or why there is none."""


def describe(
    error: BaseException, instance: object = None, with_locals: bool = False, *message: object
) -> tuple[int | None, str, str, str, tuple[str, ...]]:
    """An uncaught exception: (exit status or None, type, message, traceback, what it is about).

    The exit status is given for SystemExit alone, which is no failure to be traced. The last is, as
    texts, which may be empty: the class and the state of the actor, what it was sent (`message` is
    not given if that was nothing), the locals where it raised, and the file of the flight recorder.
    """
    code, story = None, ""
    prepare(error)
    if raised is not None:
        raised(instance, error)
    if isinstance(error, SystemExit):
        code = exit_status(error)[0]
        story = "normal" if code == 0 else f"SystemExit: {error.code}"
    story = story or _traceback(error)
    recording = "" if recorded is None or code is not None else recorded(instance, error, story)
    about = (
        _shown.class_of(instance),
        _shown.state_of(instance),
        "".join(_shown.shown(each) for each in message if each is not None),
        _shown.locals_of(error) if with_locals else "",
        recording,
    )
    return code, type(error).__name__, _text(error), story, about


def prepare(error: BaseException) -> None:
    """What is to be done with an exception before it is shown to people."""
    _frames.trim(error)
    if isinstance(error, (TypeError, ValueError, AttributeError, RuntimeError)):
        from rebeam import _advice  # for those that it may know

        _advice.note(error)


def prepare_of_threads() -> None:
    """The same for what leaves a plain thread, unless the program shows that in its own way."""
    import threading  # not before its main thread does

    plain = threading.excepthook

    def excepthook(raised: threading.ExceptHookArgs) -> None:
        if raised.exc_value is not None:
            prepare(raised.exc_value)
        plain(raised)

    if plain is threading.__excepthook__:
        threading.excepthook = excepthook


def exit_status(error: SystemExit) -> tuple[int, str | None]:
    """The status that python would end with, and the text that it would print."""
    if error.code is None:
        return 0, None
    if isinstance(error.code, int):
        return error.code, None
    return 1, str(error.code)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "<its text could not be made>"


def _traceback(error: BaseException) -> str:
    try:
        import traceback  # when it is needed

        return "".join(traceback.format_exception(type(error), error, _users_frames(error)))
    except Exception:
        return f"{type(error).__name__}: <its traceback could not be made>\n"


def _users_frames(error: BaseException) -> types.TracebackType | None:
    """Without the frames of ours that its handler was called from."""
    trace = error.__traceback__
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    return trace


def _is_ours(trace: types.TracebackType) -> bool:
    path = trace.tb_frame.f_code.co_filename
    return path == _EVENT_LOOP or (path in (_STATEM, _TASKS) and trace.tb_next is not None)
