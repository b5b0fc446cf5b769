"""What the native part needs of Python to run a script. Runs on the main thread."""

from __future__ import annotations

import _posixsubprocess
import functools
import os
import sys
import threading  # noqa: F401  here: it takes this thread for the main one; its end waits for that
import types
from collections.abc import Callable
from typing import Any

import _rebeam
from rebeam import _errors, _specs, _trees
from rebeam._engine import importer, mains, output, scripts
from rebeam._program import elixir, units
from rebeam._program.elixir import make
from rebeam._program.finish import run as finish

__all__ = ["attend", "exit_starts_trees", "exit_status", "finish", "load", "main_globals"]
__all__ += ["make", "trees"]

# The one that CPython made, for the script of the command line. Held by the module that was
# imported last: CPython's end clears that first, while what its objects use is still there.
_first_main = sys.modules["__main__"]
main_globals: dict[str, Any] = _first_main.__dict__


def attend() -> None:
    """What the main thread runs every now and then while actors run: here a debugger that attaches
    to the process finds a frame, and a line to stop at."""
    return


def load(
    mode: str, target: str, arguments: list[str | bytes] | None, supervised: bool
) -> types.CodeType | Callable[[], object]:
    """What to run, its namespace and sys.path set as python sets them: the code of a script
    ("script", path), or what runs a module ("module", name). `arguments` become sys.argv, unless
    CPython's start has set that."""
    global main_globals
    _trees.take_made()  # of a body that failed
    if mode == "unit":
        assert arguments is not None
        return functools.partial(units.begin, arguments)  # type: ignore[arg-type]
    if arguments is not None:
        sys.argv = [os.fsdecode(each) for each in arguments]
    if supervised:
        return _load_supervised(os.path.abspath(target))
    mains.be_main(_first_main)
    main_globals = _first_main.__dict__
    if mode == "module":
        import runpy  # when it is needed: few programs run a module

        sys.path.insert(0, os.getcwd())
        scripts.add(os.getcwd())
        importer.install([os.getcwd()])
        # As python's own -m; a partial leaves no frame in tracebacks.
        return functools.partial(runpy._run_module_as_main, target)  # type: ignore[attr-defined]
    path = os.path.abspath(target)
    folder = os.path.dirname(os.path.realpath(path))
    if not sys.flags.safe_path:
        sys.path.insert(0, folder)
        scripts.add(folder, os.path.dirname(path))
    importer.install([folder])
    main_globals.update(mains.attributes(path))
    return importer.load_script(path)


def _load_supervised(path: str) -> types.CodeType:
    """One of several scripts, or one that runs once more: with a namespace of its own."""
    global main_globals
    output.by_line()
    folder = os.path.dirname(os.path.realpath(path))
    scripts.add(folder, os.path.dirname(path))
    if folder in sys.path:
        sys.path.remove(folder)  # of an earlier run, or another script; its own is the first one
    elixir.add_folders([folder])
    main_globals = mains.fresh(path).__dict__
    return importer.load_script(path)


def trees() -> tuple[list[dict[str, Any]], list[object]]:
    """The trees to start now, as plain data, and the objects that they refer to."""
    objects: list[object] = []
    data = [_specs.describe_tree(each, objects) for each in _trees.take_made()]
    return data, objects


def exit_starts_trees(error: SystemExit) -> bool:
    """`sys.exit(main())` where main made a supervisor is no wish to end."""
    made = _trees.any_made()
    return made and (error.code is None or isinstance(error.code, _trees.Tree))


def exit_status(error: SystemExit) -> int:
    """The status to end with; prints what python would print."""
    status, text = _errors.exit_status(error)
    if text is not None:
        print(text, file=sys.stderr)
    return status


def _open_children() -> None:
    """Children of all threads accept signals. `subprocess` may be imported already, by a .pth."""
    opened = _rebeam.opened(_posixsubprocess.fork_exec)
    _posixsubprocess.fork_exec = opened
    if "subprocess" in sys.modules:
        sys.modules["subprocess"]._fork_exec = opened  # type: ignore[attr-defined]


_rebeam.attach()
_open_children()
