"""What Elixir asks of Python: an actor by the name of its class (lib/rebeam/gen_py.ex), or what a
unit is to run (lib/rebeam/units.ex)."""

from __future__ import annotations

import importlib
import operator
import os
import sys
import types
from collections.abc import Iterable
from typing import Any

from rebeam._engine import importer, output, scripts
from rebeam._genpy import GenPy
from rebeam._program import units
from rebeam._recipe import made


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
    kind, *rest = request
    if kind == "begin":  # a function, done with when it was made
        units.begin(*rest)
        return lambda: None
    if kind == "remote":
        from rebeam._program import remote  # when it is needed

        return remote.Session(*rest)
    output.follow()
    if kind == "moved":
        from rebeam import _luggage  # when it is needed

        return _luggage.made(*rest)
    if kind == "session":
        from rebeam._program import evaluation  # when it is needed

        return made(evaluation.Session, rest, {})
    if kind == "messenger":
        from rebeam._program import messenger  # when it is needed

        return made(messenger.Messenger, [], {})
    return units.make(*rest) if kind == "portable" else make_actor(*rest)


def make_actor(
    module: str, name: str, args: list[Any], kwargs: dict[str, Any], folders: list[str]
) -> GenPy:
    """A fresh instance of a class; `folders` are for sys.path."""
    add_folders(folders)
    module = scripts.own_name(module, map(os.path.abspath, folders))
    return made(_find_class(_import(module), name), args, kwargs)


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
    base = getattr(value, "__module__", "") in ("rebeam._genpy", "rebeam._statem")
    return isinstance(value, type) and issubclass(value, GenPy) and not base
