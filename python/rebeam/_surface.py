"""What `import rebeam` offers: each name, from the module of its topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rebeam._addresses import GlobalName, Via
from rebeam._ask import CallDown, CallError, CallTimeout, ask, ask_async
from rebeam._child import Child, child
from rebeam._children import (
    ChildInfo,
    count_children,
    delete_child,
    restart_child,
    run_register_process,
    spawn_on,
    start_child,
    terminate_child,
    which_children,
)
from rebeam._code import ModuleVersion, OldCode, Reloaded, reload, versions
from rebeam._counters import Counter, Flag, Gauge
from rebeam._engine.event_loop import call_async
from rebeam._errors import ActorExit, CallInterrupted, TaskError
from rebeam._errors import prepare_of_threads as _prepare_of_threads
from rebeam._events import Down, Exit, Joined, Left, NodeDown, NodeUp, TableTransfer, Unsubscribed
from rebeam._genpy import GenPy
from rebeam._groups import (
    broadcast,
    demonitor_group,
    join,
    leave,
    local_members,
    members,
    monitor_group,
)
from rebeam._many import spawn_many, start_children
from rebeam._marks import code_change, idle, info, merge, receive, start, stop
from rebeam._messages import call_many, gen_call, gen_cast, reply, send
from rebeam._moves import move
from rebeam._names import (
    fence,
    register,
    register_global,
    registered,
    unregister,
    whereis,
    whereis_global,
)
from rebeam._native import (
    Atom,
    ProcessID,
    Reference,
    Response,
    Term,
    call,
    cast,
    no_reply,
    response_error,
    response_ok,
    sleep,
)
from rebeam._nodes import (
    connect,
    demonitor_nodes,
    disconnect,
    monitor_nodes,
    nodes,
    this_node,
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
from rebeam._registry import Registry
from rebeam._statem import GenStateMachine, enter, event, timeout
from rebeam._status import Status
from rebeam._subscriptions import dropped, publish, subscribe, unsubscribe
from rebeam._supervisor import (
    ONE_FOR_ALL,
    ONE_FOR_ONE,
    REST_FOR_ONE,
    DynamicSupervisor,
    Supervisor,
)
from rebeam._tables import Table
from rebeam._tasks import Task, async_, async_stream, await_, await_many
from rebeam._timers import cancel_timer, send_after, send_interval
from rebeam._transition import Transition, keep_state, next_state, postpone, repeat_state

_prepare_of_threads()

if TYPE_CHECKING:
    from rebeam._engine.log_handler import LogHandler


def __getattr__(name: str) -> Any:
    if name == "LogHandler":
        from rebeam._engine.log_handler import LogHandler  # for programs that use logging

        return LogHandler
    raise AttributeError(f"module 'rebeam' has no attribute {name!r}")


__all__ = [
    "ONE_FOR_ALL",
    "ONE_FOR_ONE",
    "REST_FOR_ONE",
    "ActorExit",
    "Atom",
    "CallDown",
    "CallError",
    "CallInterrupted",
    "CallTimeout",
    "Child",
    "ChildInfo",
    "Counter",
    "Down",
    "DynamicSupervisor",
    "Exit",
    "Flag",
    "Gauge",
    "GenPy",
    "GenStateMachine",
    "GlobalName",
    "Joined",
    "Left",
    "LogHandler",
    "ModuleVersion",
    "NodeDown",
    "NodeUp",
    "OldCode",
    "ProcessID",
    "Reference",
    "Registry",
    "Reloaded",
    "Response",
    "Status",
    "Supervisor",
    "Table",
    "TableTransfer",
    "Task",
    "TaskError",
    "Term",
    "Transition",
    "Unsubscribed",
    "Via",
    "ask",
    "ask_async",
    "async_",
    "async_stream",
    "await_",
    "await_many",
    "broadcast",
    "call",
    "call_async",
    "call_many",
    "cancel_timer",
    "cast",
    "child",
    "code_change",
    "connect",
    "count_children",
    "delete_child",
    "demonitor",
    "demonitor_group",
    "demonitor_nodes",
    "disconnect",
    "dropped",
    "enter",
    "event",
    "exit",
    "fence",
    "gen_call",
    "gen_cast",
    "idle",
    "info",
    "is_alive",
    "join",
    "keep_state",
    "leave",
    "link",
    "local_members",
    "members",
    "merge",
    "monitor",
    "monitor_group",
    "monitor_nodes",
    "move",
    "next_state",
    "no_reply",
    "nodes",
    "postpone",
    "publish",
    "receive",
    "register",
    "register_global",
    "registered",
    "reload",
    "repeat_state",
    "reply",
    "response_error",
    "response_ok",
    "restart_child",
    "run_register_process",
    "self_pid",
    "send",
    "send_after",
    "send_interval",
    "set_label",
    "sleep",
    "spawn",
    "spawn_link",
    "spawn_many",
    "spawn_monitor",
    "spawn_on",
    "start",
    "start_child",
    "start_children",
    "stop",
    "subscribe",
    "terminate_child",
    "this_node",
    "timeout",
    "trap_exit",
    "unlink",
    "unregister",
    "unsubscribe",
    "versions",
    "whereis",
    "whereis_global",
    "which_children",
]
