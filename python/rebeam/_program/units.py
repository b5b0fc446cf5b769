"""In an isolation unit: the program that it takes over, and what it makes for it.

A unit runs the body of main.py with another `__name__` than `"__main__"`, as multiprocessing does,
so that whatever guards what the program does holds here; it prints nothing. From the first thing
on that the body asks of the runtime it does what the program does already: of what follows, a unit
runs what only defines (rebeam._program.definitions), and leaves out what fails.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import threading
import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

from rebeam import _errors, _isolation, _items, _trees
from rebeam._engine import (
    far,
    files,
    importer,
    mains,
    module_attributes,
    output,
    scripts,
    surroundings,
)
from rebeam._globals import find_global
from rebeam._native import _refuse, unpack
from rebeam._program.definitions import definitions
from rebeam._recipe import Recipe

# Which lines of the scripts were left out, because they asked the runtime for something or failed
# after that, and why.
_left_out: dict[str, list[str]] = {}

# The scripts that were run here, as they were.
_defined: dict[str, tuple[bytes | None, bytes | None]] = {}

_renaming = threading.Lock()


def begin(packed: bytes, digest: str = "", machine: str | None = None) -> None:
    """In the unit, which may be one of a worker machine: takes over the program. What it defines
    is there afterwards."""
    program = unpack(packed)
    _isolation.be_unit(digest or _isolation.digest_of(packed), program["isolation"])
    if machine:
        far.begin(program["files"], machine)
        sys.path[:] = far.path()
    surroundings.take_over(program, bool(machine))
    importer.install(program["roots"])
    for folder, path in program["folders"]:
        scripts.add(folder, path)
    files.kept.update(program["kept"])
    output.follow(program["follows"] or bool(machine))
    if importer.forget_changed():  # what the scripts here took from them is as old
        _defined.clear()
    define(program["mains"], program["given"])
    surroundings.settle(program, bool(machine))
    _trees.take_made()  # the program starts its trees


def define(
    scripts_run: list[tuple[str, str, str | None, str | None, bytes | None]],
    given: dict[str, bytes],
) -> None:
    """Runs scripts, as `mains.known` tells of them, for their definitions alone; what Elixir gave
    them, by their paths."""
    _refuse(_errors.BodyOver)
    try:
        with _missing():
            for main in scripts_run:
                _define(main, given.get(main[1]))
    finally:
        _refuse(None)


@contextlib.contextmanager
def _missing() -> Iterator[None]:
    """On a worker machine: of a module that is not found it is said where it was looked for."""
    try:
        yield
    except ModuleNotFoundError as error:
        if far.machine is not None:
            error.add_note(
                f"the worker machine {far.machine} has no module {error.name!r}: "
                f"install it there, for {sys.executable}"
            )
        raise


def _define(
    main: tuple[str, str, str | None, str | None, bytes | None], given: bytes | None
) -> None:
    """A script, as `mains.known` tells of it, and what Elixir gave it."""
    name, path, package, spec, digest = main
    if mains.of_script(path) is not None and _defined.get(path) == (digest, given):
        return
    while (old := mains.of_script(path)) is not None:
        mains.forget(old)
    _left_out.pop(path, None)
    _defined[path] = digest, given
    module = mains.for_unit(path) if name == "__main__" else types.ModuleType(name)
    module.__dict__.update(module_attributes.given())
    mains.given.pop(path, None)
    if given is not None:
        mains.given[path] = unpack(given)
        module.__dict__.update(mains.given[path])
    module.__file__ = path
    module.__package__ = package
    sys.modules[name] = module
    found = None if spec is None else _find(spec)
    if found is not None and found.origin == path:
        module.__spec__, module.__loader__ = found, found.loader
    with _silent(module):
        _run(module, path)
    if name == "__main__":
        mains.defined_in_unit(module)


def _find(name: str) -> ModuleSpec | None:
    """Of a module that was run by its name, or of the `__main__` of a folder or an archive."""
    find = PathFinder.find_spec if name == "__main__" else importlib.util.find_spec
    return find(name)


@contextlib.contextmanager
def _silent(module: types.ModuleType) -> Iterator[None]:
    """What the body prints, the program has printed."""

    def silent(*args: object, **kwargs: object) -> None:
        pass

    module.__dict__["print"] = silent
    try:
        yield
    finally:
        if module.__dict__.get("print") is silent:
            del module.__dict__["print"]


def _run(module: types.ModuleType, path: str) -> None:
    """Runs what a script defines. Again and again, as what it asks of the runtime is left out."""
    line, has_source = 0, False

    def change(data: bytes) -> bytes:
        nonlocal has_source
        has_source = True
        return definitions(data, after=line)

    while True:
        code = importer.load_script(path, change)
        try:
            exec(code, module.__dict__)
            return
        except BaseException as error:
            if not line and not isinstance(error, _errors.BodyOver):
                raise
            line = _line_of(error)
            why = "" if isinstance(error, _errors.BodyOver) else f" ({error!r})"
            _left_out.setdefault(path, []).append(f"line {line}{why}")
            if not has_source:
                return


def _line_of(error: BaseException) -> int:
    """Of the script's own body."""
    trace = error.__traceback__
    assert trace is not None and trace.tb_next is not None  # this function's caller is the first
    return trace.tb_next.tb_lineno


# ---- requests ------------------------------------------------------------------------


def make(packed: bytes, main: str | None = None) -> Any:
    """In the unit: what the request is for, an actor's instance or a function to run. `main` is
    the path of the script that was `__main__` where it was packed."""
    try:
        with _missing():
            kind, *rest = _unpack(packed, main)
    except Exception as error:
        for path, lines in _left_out.items():
            error.add_note(
                f"a unit runs {path} for its definitions alone, and left out: {'; '.join(lines)}"
            )
        raise
    if kind == "actor":
        return Recipe.of(*rest)()
    if kind == "module":
        return _items.ModuleRun(*rest)
    recipe = _items.recipe(rest[0])
    return recipe() if isinstance(recipe, Recipe) else recipe


def _unpack(packed: bytes, path: str | None) -> tuple[Any, ...]:
    """With `__main__` as it was where it was packed: that script, though another one of the same
    program has the name by now."""
    module = None if path in (None, mains.current_path()) else mains.of_script(path)
    if module is None:
        return _unpack_here(packed)
    with _renaming:
        now = sys.modules["__main__"]
        sys.modules["__main__"] = module
        try:
            return _unpack_here(packed)
        finally:
            sys.modules["__main__"] = now


def _unpack_here(packed: bytes) -> tuple[Any, ...]:
    kind, what, *rest = unpack(packed)
    return kind, find_global(*what) if type(what) is tuple else what, *rest
