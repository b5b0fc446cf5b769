"""What a program has around it, as plain data, and how a unit takes it over.

A process that multiprocessing spawns inherits what the operating system keeps of its parent at that
moment. Units are started by a process that was there before the program, so they are told. What
Python itself keeps, a spawned process has only if the script's body sets it; units have it anyhow.
"""

from __future__ import annotations

import contextlib
import operator
import os
import re
import resource
import sys
import threading
import warnings
from collections.abc import MutableMapping
from typing import Any

_LIMITS = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
# The functions of `sys` that get and set something.
_SETTINGS = ("recursionlimit", "switchinterval", "_int_max_str_digits")
_HANDLER = "rebeam._engine.log_handler"
_VARIABLES = ("dont_write_bytecode", "pycache_prefix", "tracebacklimit")


def describe() -> dict[str, Any]:
    """As they are now."""
    return {
        "argv": list(sys.argv),
        "path": list(sys.path),
        "folder": os.getcwd(),
        "environ": dict(os.environ),
        "process": _describe_process(),
        "settings": {name: getattr(sys, "get" + name)() for name in _SETTINGS},
        "variables": {name: getattr(sys, name) for name in _VARIABLES if hasattr(sys, name)},
        "warnings": [_describe_filter(*each) for each in warnings.filters],
        "logging": _logs().describe() if "logging" in sys.modules else None,
        "logs_here": _HANDLER in sys.modules and sys.modules[_HANDLER].is_default(),
    }


def take_over(told: dict[str, Any], far: bool = False) -> None:
    """Before the body of the script runs: what it may look at. On a worker machine what belongs to
    the machine stays: the working folder, and variables that are set there."""
    sys.argv[:] = told["argv"]
    if far:
        for name, value in told["environ"].items():
            os.environ.setdefault(name, value)
    else:
        sys.path[:] = told["path"]
        _make_same(os.environ, told["environ"])
    if not far and os.getpid() != told["process"]["pid"]:
        os.umask(told["process"]["umask"])
        with contextlib.suppress(OSError):
            os.chdir(told["folder"])
    if told["logs_here"]:
        from rebeam._engine import log_handler  # for programs that use it

        log_handler.be_default()
    for name, value in told["settings"].items():
        getattr(sys, "set" + name)(value)
    for name, value in told["variables"].items():
        setattr(sys, name, value)
    filters = [_filter(*each) for each in told["warnings"]]
    warnings.resetwarnings()  # that they are others now, it tells what keeps account of warnings
    warnings.filters[:] = filter(None, filters)  # type: ignore[index]


def settle(told: dict[str, Any], far: bool = False) -> None:
    """After the body: what it did once more is as the program left it, and so is the rest."""
    take_over(told, far)
    if told["logging"] is not None:
        _logs().take_over(told["logging"])
    if not far and os.getpid() != told["process"]["pid"]:
        _settle_process(told["process"])


def _logs() -> Any:
    from rebeam._engine import logs  # for programs that use logging

    return logs


def _make_same(own: MutableMapping[str, str], told: dict[str, str]) -> None:
    """Without a moment in which what stays is not there: sub-interpreters have the process's."""
    for name in own.keys() - told.keys():
        del own[name]
    for name, value in told.items():
        if own.get(name) != value:
            own[name] = value


# ---- the OS process ------------------------------------------------------------------


def _describe_process() -> dict[str, Any]:
    # Linux has niceness and affinity of each thread; the program sets those of its main one.
    main = threading.main_thread().native_id or 0
    with open("/proc/self/status") as file:
        umask = re.search(r"^Umask:\s*(\d+)", file.read(), re.MULTILINE)
    return {
        "pid": os.getpid(),
        "umask": int(umask[1], 8) if umask else 0o22,
        "limits": {name: list(resource.getrlimit(getattr(resource, name))) for name in _LIMITS},
        "nice": os.getpriority(os.PRIO_PROCESS, main),
        "affinity": sorted(os.sched_getaffinity(main)),
        "groups": os.getgroups(),
        "gids": list(os.getresgid()),
        "uids": list(os.getresuid()),
    }


def _settle_process(told: dict[str, Any]) -> None:
    for name, limits in told["limits"].items():
        with contextlib.suppress(OSError, ValueError):
            _limit(name, *limits)
    for thread in map(int, os.listdir("/proc/self/task")):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(thread, told["affinity"])
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, told["nice"])
    # What a program gave up, its units have not either.
    if os.getgroups() != told["groups"]:
        os.setgroups(told["groups"])
    if list(os.getresgid()) != told["gids"]:
        os.setresgid(*told["gids"])
    if list(os.getresuid()) != told["uids"]:
        os.setresuid(*told["uids"])


def _limit(name: str, soft: int, hard: int) -> None:
    kind = getattr(resource, name)
    own = resource.getrlimit(kind)
    if name == "RLIMIT_DATA" and own[0] != resource.RLIM_INFINITY:
        return  # the unit's own bound
    if own != (soft, hard):
        resource.setrlimit(kind, (soft, hard))


# ---- warnings ------------------------------------------------------------------------


def _describe_filter(
    action: str, message: Any, category: Any, module: Any, line: int
) -> tuple[Any, ...]:
    name = category.__module__, category.__qualname__
    return action, _pattern(message), name, _pattern(module), line


def _pattern(given: Any) -> Any:
    return (given.pattern, given.flags) if isinstance(given, re.Pattern) else given


def _filter(
    action: str, message: Any, category: tuple[str, str], module: Any, line: int
) -> tuple[Any, ...] | None:
    """None for a category that is not there: nobody warns with it."""
    home = sys.modules.get(category[0])
    try:
        found = operator.attrgetter(category[1])(home)
    except AttributeError:
        return None
    return action, _compiled(message), found, _compiled(module), line


def _compiled(told: Any) -> Any:
    return re.compile(*told) if isinstance(told, tuple) else told
