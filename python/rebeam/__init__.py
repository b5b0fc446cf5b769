"""Actors, supervision and messages for Python, on the BEAM.

Run a program with `mix rebeam.run main.py` in place of `python main.py`.
"""

from __future__ import annotations

try:
    import _rebeam  # noqa: F401
except ImportError as error:
    message = "rebeam works inside its runtime: start the program with `mix rebeam.run main.py`"
    raise ImportError(message) from error

from rebeam import _loader

# Before the rest: the functions of this package suspend too.
_loader.install()

from rebeam._children import run_register_process
from rebeam._errors import ActorExit
from rebeam._genpy import GenPy, info, receive, start, stop
from rebeam._messages import send
from rebeam._names import register, registered, unregister, whereis
from rebeam._native import (
    Atom,
    ProcessID,
    Reference,
    Response,
    Term,
    call,
    cast,
    response_error,
    response_ok,
    sleep,
)
from rebeam._processes import self_pid
from rebeam._statem import GenStateMachine, enter, event, timeout
from rebeam._status import Status
from rebeam._supervisor import ONE_FOR_ALL, ONE_FOR_ONE, REST_FOR_ONE, Child, Supervisor, child
from rebeam._transition import Transition, keep_state, next_state, postpone, repeat_state

__all__ = [
    "ONE_FOR_ALL",
    "ONE_FOR_ONE",
    "REST_FOR_ONE",
    "ActorExit",
    "Atom",
    "Child",
    "GenPy",
    "GenStateMachine",
    "ProcessID",
    "Reference",
    "Response",
    "Status",
    "Supervisor",
    "Term",
    "Transition",
    "call",
    "cast",
    "child",
    "enter",
    "event",
    "info",
    "keep_state",
    "next_state",
    "postpone",
    "receive",
    "register",
    "registered",
    "repeat_state",
    "response_error",
    "response_ok",
    "run_register_process",
    "self_pid",
    "send",
    "sleep",
    "start",
    "stop",
    "timeout",
    "unregister",
    "whereis",
]
