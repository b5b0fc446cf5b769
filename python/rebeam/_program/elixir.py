"""What Elixir asks of Python: an actor by the name of its class, a script as a child.

lib/rebeam/gen_py.ex and lib/rebeam/program/script.ex.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import importlib.machinery
import operator
import os
import re
import sys
import types
from collections.abc import Iterable
from typing import Any

from rebeam._engine import importer, scripts
from rebeam._genpy import GenPy

_prepared = False


def prepare() -> None:
    """Output by the line: in a VM that runs on, nobody would see what stays in a buffer."""
    global _prepared
    if not _prepared:
        _prepared = True
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def add_folders(folders: Iterable[str]) -> None:
    """Puts folders in front of sys.path, unless they are there; their functions suspend."""
    folders = [os.path.abspath(folder) for folder in folders]
    importer.install(folders)
    for folder in reversed(folders):
        scripts.add(folder)
        if folder not in sys.path:
            sys.path.insert(0, folder)


def make(request: tuple[Any, ...]) -> Any:
    """What Elixir wants a process for: an actor's fresh instance, or a function to run."""
    from rebeam._program import units

    kind, *rest = request
    if kind == "begin":  # a function, done with when it was made
        units.begin(*rest)
        return lambda: None
    return units.make(*rest) if kind == "portable" else make_actor(*rest)


def make_actor(
    module: str, name: str, args: list[Any], kwargs: dict[str, Any], folders: list[str]
) -> GenPy:
    """A fresh instance of a class; `folders` are for sys.path."""
    prepare()
    add_folders(folders)
    module = scripts.own_name(module, map(os.path.abspath, folders))
    instance: GenPy = _find_class(_import(module), name)(*args, **kwargs)
    instance.__dict__.pop("__rebeam_arguments__", None)
    return instance


def _import(name: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        importlib.invalidate_caches()  # it may be there at the next try
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            error.add_note(f"sys.path is {sys.path}; the option path: adds folders")
        raise


def _find_class(module: types.ModuleType, name: str) -> type[GenPy]:
    try:
        found = operator.attrgetter(name)(module)
    except AttributeError:
        actors = ", ".join(key for key, value in vars(module).items() if _is_actor(value))
        raise AttributeError(
            f"module {module.__name__!r} has no {name!r} (its actors: {actors or 'none'})"
        ) from None
    if not _is_actor(found):
        raise TypeError(f"{module.__name__}.{name} is no GenPy class, but {found!r}")
    if found.__rebeam_kind__ != "actor":
        raise TypeError(f"{module.__name__}.{name} is a state machine: start it from a script")
    return found  # type: ignore[no-any-return]


def _is_actor(value: object) -> bool:
    ours = getattr(value, "__module__", "").startswith("rebeam.")
    return isinstance(value, type) and issubclass(value, GenPy) and not ours


# ---- several scripts, each with its `__main__` ---------------------------------------

_first_main = sys.modules["__main__"]


def first_main() -> types.ModuleType:
    """The `__main__` that CPython made, for the script of the command line."""
    return _be_main(_first_main)


def fresh_main(path: str) -> types.ModuleType:
    """A `__main__` for a script that is one of several, or runs once more."""
    module = types.ModuleType("__main__")
    loader = importlib.machinery.SourceFileLoader("__main__", path)
    module.__dict__.update(__builtins__=builtins, __file__=path, __cached__=None, __loader__=loader)
    return _be_main(module)


def _be_main(module: types.ModuleType) -> types.ModuleType:
    before = sys.modules["__main__"]
    path = getattr(before, "__file__", None)
    if before is not module and path is not None:
        _rename(before, "__main__" + re.sub(r"\W", "_", path))
    sys.modules["__main__"] = module
    return module


def _rename(module: types.ModuleType, name: str) -> None:
    """What an earlier script defined is found under another name from now on: its instances have
    still to be sent. By the path, so that a script which runs again and again leaves one."""
    sys.modules[name] = module
    waiting = list(vars(module).values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, (type, types.FunctionType)) and value.__module__ == "__main__":
            value.__module__ = name
            waiting.extend(vars(value).values())
