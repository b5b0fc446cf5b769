"""The `__main__` modules of one VM: of several scripts, and of one that runs once more."""

from __future__ import annotations

import builtins
import os
import re
import sys
import types
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from typing import Any

from rebeam._engine import files
from rebeam._native import pack


def fresh(path: str) -> types.ModuleType:
    """A `__main__` for a script that is one of several, or runs once more."""
    module = types.ModuleType("__main__")
    module.__dict__.update(__builtins__=builtins, **attributes(path))
    be_main(module)
    return module


def attributes(
    path: str, loader: Callable[[str, str], Any] | None = SourceFileLoader
) -> dict[str, Any]:
    """What CPython gives the `__main__` of a script; without a loader, one from standard input."""
    given: dict[str, Any] = {"__file__": path}
    if loader is not None:
        given["__loader__"] = loader("__main__", path)
    return given if sys.version_info >= (3, 15) else given | {"__cached__": None}


def be_main(module: types.ModuleType) -> None:
    """Has `module` be the `__main__` from now on."""
    before = sys.modules["__main__"]
    path = getattr(before, "__file__", None)
    if before is not module and path is not None:
        _rename(before, "__main__" + re.sub(r"\W", "_", path))
    sys.modules["__main__"] = module


def forget(module: types.ModuleType | None) -> None:
    """The script came to nothing, or is to be run once more: its module has no name."""
    for name in [name for name, each in sys.modules.items() if each is module]:
        del sys.modules[name]
    sys.modules.setdefault("__main__", types.ModuleType("__main__"))


given: dict[str, dict[str, Any]] = {}
"""What Elixir gave the scripts that were run: names with their values, by the scripts' paths."""

# The same, as it was packed last.
_packed: dict[str, tuple[dict[str, Any], bytes]] = {}


def given_packed() -> dict[str, bytes]:
    """By the paths of the scripts, what others who run them have those names from. Packed once."""
    for path, names in given.items():
        if path not in _packed or _packed[path][0] is not names:
            _packed[path] = names, pack(names)
    for path in _packed.keys() - given.keys():
        del _packed[path]
    return {path: packed for path, (_, packed) in _packed.items()}


digests: dict[str, bytes] = {}
"""Of the scripts that were run, as they were then, by their paths."""


# What `__name__` is in a unit while the script's body runs there, as in a process that
# multiprocessing spawns: whatever guards what the program does, guards it.
IN_UNITS = "__mp_main__"


def name_for_units() -> None:
    """What a unit's script defines later is found here by the name that it has there."""
    sys.modules[IN_UNITS] = sys.modules["__main__"]


def for_unit(path: str) -> types.ModuleType:
    """In a unit: the `__main__` of the program's script."""
    module = fresh(path)
    module.__name__ = IN_UNITS
    name_for_units()
    return module


def defined_in_unit(module: types.ModuleType) -> None:
    """Its body is over: what it defined is called what it is in the program."""
    _rename(module, "__main__", IN_UNITS)


_NAMED = (type, types.FunctionType)


def _rename(module: types.ModuleType, name: str, before: str = "__main__") -> None:
    """What an earlier script defined is found under another name from now on: its instances have
    still to be sent. By the path, so that a script which runs again and again leaves one."""
    sys.modules[name] = module
    rename(vars(module), name, before)


def rename(defined: dict[str, Any], name: str, before: str) -> None:
    """What was defined under the one name is of the other module."""
    waiting = list(defined.values())
    while waiting:
        value = waiting.pop()
        # By its own type: a proxy has the `__class__` of what it stands for.
        kind = next((each for each in _NAMED if issubclass(type(value), each)), None)
        if kind is not None and value.__module__ == before:
            _set_module(value, name)
            waiting.extend(vars(value).values())


def _set_module(value: Any, name: str) -> None:
    """Past a metaclass of the user's that refuses; those of C, such as that of ctypes, refuse to be
    passed."""
    try:
        change = type.__setattr__ if isinstance(value, type) else setattr
        change(value, "__module__", name)
    except TypeError:
        value.__module__ = name


# ---- which there are ------------------------------------------------------------------


def current_path() -> str | None:
    """The script that is `__main__` now; None if that has no file."""
    return _place(getattr(sys.modules["__main__"], "__file__", None))


def of_script(path: str | None) -> types.ModuleType | None:
    """The newest one of a script, under whatever name it is by now."""
    if path is not None and current_path() == _place(path):
        return sys.modules["__main__"]
    for name, module in list(sys.modules.items()):
        if _is_main(name) and _place(getattr(module, "__file__", None)) == _place(path):
            return module
    return None


def name_of(module: types.ModuleType) -> str | None:
    """What a module that a script was run as is called by now, and what it defined with it; None
    for any other."""
    found = (name for name, each in list(sys.modules.items()) if each is module and _is_main(name))
    return next(found, None)


def known() -> list[tuple[str, str, str | None, str | None, bytes | None]]:
    """(name, path, package, name of its spec, digest) of each that a script was run as."""
    return [
        (name, path, module.__package__, _name_of(module.__spec__), digests.get(path))
        for name, module in list(sys.modules.items())
        if _is_main(name)
        and (path := getattr(module, "__file__", None)) is not None
        and files.exists(path)
    ]


def _name_of(spec: Any) -> str | None:
    return getattr(spec, "name", None)


def _place(path: str | None) -> str | None:
    """One text for each file, whatever its path was."""
    return path if path is None or path in files.kept else os.path.abspath(path)


def _is_main(name: str) -> bool:
    return name.startswith("__main__")
