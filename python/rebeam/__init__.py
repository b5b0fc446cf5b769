"""Actors, supervision and messages for Python, on the BEAM.

Run a program with `mix rebeam.run main.py` in place of `python main.py`. Under `python` itself this
package can be imported, but what needs the runtime raises RuntimeError. (PYTEST_DONT_REWRITE:
pytest finds it loaded.)
"""

from __future__ import annotations

from rebeam import _outside

# Before the rest: the functions of this package suspend too.
if _outside.INSIDE:
    from rebeam import _loader

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
