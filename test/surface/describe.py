"""What `rebeam` offers, as data: run under plain python it prints what it finds there, as JSON.

With --call: what calling each function comes to.
"""

from __future__ import annotations

import inspect
import json
import sys
from typing import Any

import rebeam
from rebeam import _native, testing

# Classes that need the runtime as soon as one is made; others are data, or made by functions.
NEED_RUNTIME = frozenset({"DynamicSupervisor", "Probe", "ProcessID", "Supervisor"})

# A value for each parameter that has no default; any other is given a str.
ARGUMENTS: dict[str, Any] = {
    "item": rebeam.GenPy,
    "fn": print,
    "function": print,
    "seconds": 1,
    "requests": [("name", "subject", None)],
    "iterable": ["x"],
    "target": "name",
}


def surface() -> dict[str, dict[str, Any]]:
    """By module and name: its kind, and the public attributes of a class."""
    modules = {"rebeam": rebeam, "rebeam._native": _native, "rebeam.testing": testing}
    return {
        name: {each: describe(getattr(module, each)) for each in module.__all__}
        for name, module in modules.items()
    }


def describe(thing: object) -> Any:
    if not isinstance(thing, type):
        return "function" if callable(thing) else repr(thing)
    public = [name for name in dir(thing) if not name.startswith("_")]
    own_equality = thing.__eq__ is not object.__eq__
    return {"attributes": public, "equality": own_equality, "hash": thing.__hash__ is not None}


def outcomes() -> dict[str, str]:
    """What calling each function, and each class that needs the runtime, comes to."""
    return {
        f"{module.__name__}.{name}": outcome(getattr(module, name))
        for module in (rebeam, testing)
        for name in module.__all__
        if describe(getattr(module, name)) == "function" or name in NEED_RUNTIME
    }


def outcome(function: Any) -> str:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        parameters = ()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [each for each in parameters if each.default is each.empty]
    args = [ARGUMENTS.get(each.name, "x") for each in needed if each.kind in positional]
    keywords = {
        each.name: ARGUMENTS.get(each.name, "x")
        for each in needed
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    }
    try:
        result = function(*args, **keywords)
        if inspect.iscoroutine(result):
            result.send(None)
        elif hasattr(result, "__next__"):
            next(result)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


if __name__ == "__main__":
    json.dump(outcomes() if "--call" in sys.argv else surface(), sys.stdout)
