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
from rebeam._errors import ActorExit, TaskError
from rebeam._events import Down, Exit
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
from rebeam._processes import (
    demonitor,
    exit,
    is_alive,
    link,
    monitor,
    self_pid,
    set_label,
    spawn,
    spawn_link,
    spawn_monitor,
    trap_exit,
    unlink,
)
from rebeam._status import Status
from rebeam._supervisor import ONE_FOR_ALL, ONE_FOR_ONE, REST_FOR_ONE, Child, Supervisor, child
from rebeam._tasks import Task, async_, async_stream, await_, await_many

__all__ = [
    "ONE_FOR_ALL",
    "ONE_FOR_ONE",
    "REST_FOR_ONE",
    "ActorExit",
    "Atom",
    "Child",
    "Down",
    "Exit",
    "GenPy",
    "ProcessID",
    "Reference",
    "Response",
    "Status",
    "Supervisor",
    "Task",
    "TaskError",
    "Term",
    "async_",
    "async_stream",
    "await_",
    "await_many",
    "call",
    "cast",
    "child",
    "demonitor",
    "exit",
    "info",
    "is_alive",
    "link",
    "monitor",
    "receive",
    "register",
    "registered",
    "response_error",
    "response_ok",
    "run_register_process",
    "self_pid",
    "send",
    "set_label",
    "sleep",
    "spawn",
    "spawn_link",
    "spawn_monitor",
    "start",
    "stop",
    "trap_exit",
    "unlink",
    "unregister",
    "whereis",
]
