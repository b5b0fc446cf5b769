"""Processes themselves (lib/rebeam/operation/processes.ex).

All functions suspend the actor that calls them; a plain thread waits.

A *target* is a ProcessID, a registered name (str), a (name, node) tuple, a GlobalName or a Via; a
name stands for the process that has it now. Reasons are str: "normal", "shutdown", "killed",
"noproc", "noconnection", the Python traceback of what raised, or the text of what `exit` was
given.

Signals arrive in `@info`, as `Down` and `Exit`, one at a time like all messages. Without `@info`
they are dropped. The script's body and plain threads take none, so `link`, `monitor` and
`trap_exit` are a RuntimeError there; `spawn`, `exit` and `is_alive` work everywhere.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from rebeam import _items
from rebeam._arguments import to
from rebeam._native import ProcessID, Reference, Target, _op, packed, unpack


def self_pid() -> ProcessID:
    """The calling actor's own id. Does not suspend."""
    pid: ProcessID = _op("processes.self")
    return pid


def is_alive(target: Target) -> bool:
    """Whether the process runs now, on whatever node. False for a name that nobody has, and for
    a node that cannot be reached or does not answer within 5 seconds. target: as for `call`.
    Suspends."""
    alive: bool = _op("processes.alive", to(target))
    return alive


def set_label(text: str) -> None:
    """Names the calling process for logs and tools such as observer; it is no address. An actor
    starts with its registered name or its class's. RuntimeError in a plain thread. Suspends."""
    _op("processes.label", _text(text, "a label"))


# ---- links, monitors, exits ---------------------------------------------------------------


def link(target: Target) -> None:
    """Links the calling process with another: when one ends, the other gets an exit signal with
    its reason. target: as for `call`.

    A signal with another reason than "normal" ends its receiver too, for the same reason, unless
    that traps exits. Linking to a process that is gone is such a signal, "noproc". ValueError
    for a name that nobody has. Suspends.
    """
    _op("processes.link", to(target))


def unlink(target: Target) -> None:
    """Takes a link back; nothing if there is none. An `Exit` that has come already still
    arrives. target: as for `call`. Suspends."""
    _op("processes.unlink", to(target))


def monitor(target: Target) -> Reference:
    """Watches a process: when it ends, `Down(ref, pid, reason)` arrives in `@info`, once.

    At once, with the reason "noproc", if it is gone already; for a name that nobody has, with
    pid None besides. target: as for `call`. Suspends.
    """
    ref: Reference = _op("processes.monitor", to(target))
    return ref


def demonitor(ref: Reference, flush: bool = True) -> bool:
    """Takes a monitor back. True if it was still watching; else its Down has come.

    flush: no Down of it arrives from now on, also if one has come but is not handled yet.
    ValueError for another process's monitor. Suspends.
    """
    if not isinstance(ref, Reference):
        raise TypeError(f"a monitor is the Reference that monitor() gave, not {ref!r}")
    found: bool = _op("processes.demonitor", ref, bool(flush))
    return found


def exit(target: Target, reason: str = "normal") -> bool:
    """Sends an exit signal, as if the caller were linked and ended with `reason`.

    "kill" ends any process, at once and without its `@stop`, and is "killed" to others; "normal"
    is ignored by all but the caller itself; any other reason ends a process that does not
    trap exits. False if nobody has the name; True does not say that the process was there.
    target: as for `call`. Suspends.
    """
    if target is None or isinstance(target, int):
        raise TypeError("rebeam.exit(target, reason) ends a process; sys.exit ends a script")
    sent: bool = _op("processes.exit", to(target), _text(reason, "an exit reason"))
    return sent


def trap_exit(flag: bool = True) -> bool:
    """Whether exit signals arrive as `Exit(pid, reason)` in `@info` instead of ending the
    calling process; returns what was set before.

    Two are never trapped: the supervisor's wish that a child ends, and "kill". Suspends.
    """
    before: bool = _op("processes.trap", bool(flag))
    return before


# ---- functions as processes -----------------------------------------------------------------


def spawn(fn: Callable[..., object], /, *args: Any, **kwargs: Any) -> ProcessID:
    """Runs `fn(*args, **kwargs)` as a process of its own, which ends when it returns.

    It is suspended where it waits, is not restarted, and takes no messages. If it raises, that
    is logged and is its exit reason. When the program ends, it gets ActorExit where it waits.

    The arguments are copied, as messages are; what cannot be sent (a lock, a file, a lambda) is
    shared, as is what `fn` itself refers to.
    """
    pid: ProcessID = _op("processes.spawn", _items.label(fn), objects=[bind(fn, args, kwargs)])
    return pid


def spawn_link(fn: Callable[..., object], /, *args: Any, **kwargs: Any) -> ProcessID:
    """As `spawn`, linked with the caller before it begins. Suspends."""
    objects: list[object] = [bind(fn, args, kwargs)]
    pid: ProcessID = _op("processes.spawn_link", _items.label(fn), objects=objects)
    return pid


def spawn_monitor(
    fn: Callable[..., object], /, *args: Any, **kwargs: Any
) -> tuple[ProcessID, Reference]:
    """As `spawn`, monitored by the caller before it begins: (its id, the monitor). Suspends."""
    objects: list[object] = [bind(fn, args, kwargs)]
    both: tuple[ProcessID, Reference] = _op(
        "processes.spawn_monitor", _items.label(fn), objects=objects
    )
    return both


def bind(
    fn: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[], object]:
    """What a new process calls: the function with copies of its arguments."""
    check(fn)
    if not args and not kwargs:
        return fn
    try:
        args, kwargs = unpack(packed((args, kwargs)))
    except Exception:  # one of them at least; the others are copied each by itself
        args = tuple(_copy(each) for each in args)
        kwargs = {name: _copy(each) for name, each in kwargs.items()}
    return functools.partial(fn, *args, **kwargs)


def check(fn: Callable[..., object]) -> None:
    """TypeError if it cannot be run as a process."""
    if not callable(fn):
        raise TypeError(
            f"a process runs a function, not {fn!r}: give the function itself and its arguments "
            "behind it, (f, 1), not (f(1))"
        )
    if _items.is_actor_class(_items.plain(fn)):
        raise TypeError(f"{_items.label(fn)} is an actor: start it with run_register_process")
    if inspect.iscoroutinefunction(fn):
        raise TypeError(f"{fn.__qualname__} must be a plain def to run as a process")


def _copy(value: Any) -> Any:
    try:
        return unpack(packed(value))
    except Exception:
        return value


def _text(text: str, what: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{what} is a str, not {text!r}")
    text.encode()  # lone surrogates are no text to anybody else
    return text
