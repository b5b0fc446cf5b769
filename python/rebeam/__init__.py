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

from _rebeam import (
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
from rebeam._asyncio import call_async
from rebeam._errors import ActorExit
from rebeam._genpy import GenPy, info, receive, start, stop
from rebeam._operations import (
    register,
    registered,
    run_register_process,
    self_pid,
    send,
    unregister,
    whereis,
)
from rebeam._status import Status
from rebeam._supervisor import ONE_FOR_ALL, ONE_FOR_ONE, REST_FOR_ONE, Child, Supervisor, child

__all__ = [
    "ONE_FOR_ALL",
    "ONE_FOR_ONE",
    "REST_FOR_ONE",
    "ActorExit",
    "Atom",
    "Child",
    "GenPy",
    "ProcessID",
    "Reference",
    "Response",
    "Status",
    "Supervisor",
    "Term",
    "call",
    "call_async",
    "cast",
    "child",
    "info",
    "receive",
    "register",
    "registered",
    "response_error",
    "response_ok",
    "run_register_process",
    "self_pid",
    "send",
    "sleep",
    "start",
    "stop",
    "unregister",
    "whereis",
]
