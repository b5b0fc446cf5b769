"""What stands for an attribute that somebody expected of what this package gives out."""

from __future__ import annotations

import sys
from typing import Any

_STARTS = (
    "A Supervisor starts when the body of the script has ended, or in a with statement for the "
    "length of its block."
)
_ENDS = "A Supervisor ends with its with statement, or with the program."

# By the class's name: what was expected, and what to write.
_INSTEAD = {
    "Supervisor": {
        **dict.fromkeys(("start", "run", "begin", "serve", "run_forever"), _STARTS),
        **dict.fromkeys(("stop", "join", "shutdown", "terminate", "close"), _ENDS),
        **dict.fromkeys(("add", "append", "start_child", "add_child"), "start_child(sup, item)."),
    },
    "Table": {
        "set": "table.put(key, value).",
        "insert": "table.put(key, value).",
        "add": "table.put(key, value), or update_counter(key, n).",
        "delete": "table.take(key), or del table[key].",
        "remove": "table.take(key), or del table[key].",
        "incr": "table.update_counter(key, n).",
        "close": "A table is the program's, and closes with it; drop() ends it for all.",
    },
    "Counter": {
        "incr": "counter.add(n).",
        "inc": "counter.add(n).",
        "increment": "counter.add(n).",
        "value": "counter.get().",
    },
    "Task": dict.fromkeys(("result", "get", "join", "wait"), "await_(task)."),
}
_INSTEAD["DynamicSupervisor"] = _INSTEAD["Supervisor"]

_OF_ACTORS = ("ask", "ask_async", "call", "call_async", "cast", "send", "exit", "monitor", "link")
_OF_START = ("start", "run", "join")
_OF_END = ("stop", "kill", "terminate", "shutdown", "close")


def advice(error: AttributeError) -> str | None:
    """What to write in the place of an attribute that there is not, if that is known."""
    surface, wanted = sys.modules.get("rebeam._surface"), error.name
    if surface is None or wanted is None:
        return None
    kind = next((each for each in type(error.obj).__mro__ if _is_ours(each)), None)
    if kind is None or not issubclass(kind, (surface.GenPy, surface.ProcessID)):
        return None if kind is None else _INSTEAD.get(kind.__name__, {}).get(wanted)
    return _of_actor(wanted, issubclass(kind, surface.ProcessID), surface)


def _is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == "rebeam"


def _of_actor(wanted: str, by_pid: bool, surface: Any) -> str | None:
    target = "pid" if by_pid else "name"
    if wanted in _OF_ACTORS:
        more = {"exit": '"shutdown"', "send": "value", "monitor": "", "link": ""}
        rest = more.get(wanted, '"subject", message')
        return f"{wanted}() is a function: {wanted}({target}{', ' if rest else ''}{rest})."
    if wanted in _OF_END:
        return f'An actor ends by exit({target}, "shutdown"), or by terminate_child(sup, pid).'
    if wanted in _OF_START and not by_pid:
        return "An actor is started by a supervisor: Supervisor([Counter()]), or start_child."
    return None
