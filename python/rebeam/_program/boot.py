"""What the native part needs of Python to run a script. Runs on the main thread."""

from __future__ import annotations

import _posixsubprocess
import contextlib
import functools
import os
import signal
import sys
import threading  # noqa: F401  here: it takes this thread for the main one; its end waits for that
import types
from collections.abc import Callable
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from importlib.util import source_hash
from typing import Any

import _rebeam
from rebeam import _errors, _kept, _native, _preferred, _trees
from rebeam._engine import compiled, files, importer, mains, module_attributes, output, scripts
from rebeam._program.finish import run as finish

_COMMAND = "<string>"
"""What CPython calls the program that is given on the command line."""
_Body = types.CodeType | Callable[[], object]

__all__ = ["attend", "exit_starts_trees", "exit_status", "finish", "load", "main_globals"]
__all__ += ["make", "prepare", "trees"]

# The one that CPython made, for the script of the command line. Held by the module that was
# imported last: CPython's end clears that first, while what its objects use is still there.
_first_main = sys.modules["__main__"]
main_globals: dict[str, Any] = _first_main.__dict__
# As CPython's start has set it. A script in Elixir's tree may run before that of the command line.
_first_argv = sys.argv


def attend() -> None:
    """What the main thread runs every now and then while actors run: here a debugger that attaches
    to the process finds a frame, and a line to stop at."""
    return


def load(mode: str, target: str, arguments: list[str | bytes] | None, supervised: bool) -> _Body:
    """What to run, its namespace and sys.path set as python sets them: the code of a script
    ("script", path), what runs a module ("module", name), code itself ("command", text), or the
    prompt ("prompt", ""). `arguments` become sys.argv, unless CPython's start has set that."""
    _trees.take_made()  # of a body that failed
    if mode == "unit":
        from rebeam._program import units  # when it is needed

        assert arguments is not None
        return functools.partial(units.begin, arguments, machine=target)  # type: ignore[arg-type]
    if mode == "remote":
        from rebeam._program import terminal  # when it is needed

        _kept.body_runs = False
        return functools.partial(terminal.begin, main_globals)
    if mode == "prompt" or (mode == "script" and target == "-" and not supervised):
        mode, target = _standard_input()
    _set_up_logging()
    _kept.body_runs = mode != "prompt"
    body: _Body | Exception | None = None
    if mode == "prompt":
        main_globals.update(module_attributes.given())
        _begin_working_folder()
    else:
        try:
            body = _load(mode, target, arguments, supervised)
        except (SyntaxError, ValueError) as error:  # of the compiler
            if supervised or not _inspects():
                raise
            body = error
        else:
            if not supervised and _native._op("code.watches"):
                from rebeam._reload import watch  # when it is asked for

                watch.start()
            if supervised or not _inspects():
                return body
    from rebeam._program import prompt  # when it is needed

    return functools.partial(prompt.begin, main_globals, body)


def _standard_input() -> tuple[str, str]:
    """Somebody types there, or it is a program."""
    typed = sys.flags.interactive or sys.stdin.isatty()
    return ("prompt", "") if typed else ("script", "-")


def _set_up_logging() -> None:
    if _native._op("runtime.log_format") == "json":
        from rebeam._engine import log_handler  # when it is needed

        log_handler.be_default()


def _inspects() -> bool:
    """Whether a prompt follows the program. It may ask for that itself, until it ends."""
    return bool(sys.flags.inspect)


def _load(mode: str, target: str, arguments: list[str | bytes] | None, supervised: bool) -> _Body:
    global main_globals
    sys.argv = _first_argv if arguments is None else [os.fsdecode(each) for each in arguments]
    # With its "..", as in python's `__file__`.
    path = os.getcwd() if target == "." else os.path.join(os.getcwd(), target)
    if supervised:  # one of several, or one that runs once more: with a namespace of its own
        output.follow()
        importer.forget_changed()
        _remember()
        # A script that is stopped hears of it in its body, also while that waits.
        signal.signal(_rebeam.END_SIGNAL, _rebeam._end_body)
        main_globals = mains.fresh(path).__dict__
        _take_offer(target, path)
        _forget_path(path)
    else:
        mains.be_main(_first_main)
        main_globals = _first_main.__dict__
    if mode == "command":
        return _load_command(target)
    if mode == "module":
        _begin_path(os.getcwd(), asked=False)
        return _module(target, as_argument=True)
    if target == "-" and not supervised:
        return _load_stdin()
    if _is_importable(path):
        _begin_path(path)
        return _module("__main__", as_argument=False)
    return _load_file(path, supervised)


def _take_offer(target: str, path: str) -> None:
    names, preferred = _preferred.offered.pop(target, ({}, _preferred.Preferred()))
    _preferred.begin(preferred)
    mains.given.pop(path, None)
    if names:
        mains.given[path] = names
        main_globals.update(names)


_before: tuple[frozenset[str], list[str], list[str], dict[str, bytes]] | None = None


def _remember() -> None:
    """What there is before a body runs that may come to nothing."""
    global _before
    _before = frozenset(sys.modules), list(sys.path), scripts.folders(), dict(mains.digests)


def forget(error: BaseException) -> None:
    """Such a body ended by that: of what it imported and defined others find nothing."""
    global main_globals
    if _before is None or (isinstance(error, SystemExit) and not _errors.exit_status(error)[0]):
        return  # a unit's, or no failure
    modules, path, folders, digests = _before
    _trees.take_made()
    _kept.body_runs = False
    _kept.forget_left()
    mains.given.pop(main_globals.get("__file__", ""), None)
    mains.forget(sys.modules["__main__"])
    mains.digests.clear()
    mains.digests.update(digests)
    sys.modules["__main__"] = _first_main
    main_globals = _first_main.__dict__
    for folder in scripts.folders():
        importer.forget_new(modules, folder)
        if folder not in folders:
            scripts.forget(folder)
    sys.path[:] = path


def _is_importable(path: str) -> bool:
    """Whether it is a folder or an archive, which has a `__main__` of its own: CPython asks the
    hooks of its import system, whatever the path's ending is."""
    for hook in sys.path_hooks:
        with contextlib.suppress(ImportError):
            hook(path)
            return True
    return False


def _begin_path(folder: str, path: str | None = None, asked: bool = True) -> None:
    """The program's modules are looked for in that folder first; in safe mode only if that was
    asked for. `path` names it in the script's `__file__`."""
    importer.install([folder])
    if asked or not sys.flags.safe_path:
        sys.path.insert(0, folder)
        scripts.add(folder, path)


def _forget_path(path: str) -> None:
    """Of an earlier run, or of another script in that folder: its own is the first one."""
    for each in (path, os.path.dirname(os.path.realpath(path))):
        if each in sys.path:
            sys.path.remove(each)


def _module(name: str, as_argument: bool) -> Callable[[], object]:
    """What runs a module as python does; a partial, as that leaves no frame in tracebacks."""
    import runpy  # when it is needed: few programs run a module

    for each in (name, f"{name}.__main__"):  # of a package
        module_attributes.expect(each, main_globals)
    return functools.partial(runpy._run_module_as_main, name, as_argument)  # type: ignore[attr-defined]


def _begin_working_folder() -> None:
    importer.install([os.getcwd()])
    if not sys.flags.safe_path:
        sys.path.insert(0, "")


def _load_command(text: str) -> types.CodeType:
    """`-c`: its lines are shown in tracebacks from 3.13 on, and not before."""
    _begin_working_folder()
    data = text.encode(errors="surrogatepass") + b"\n"
    module_attributes.give(main_globals, data)
    code = importer.load_script(_COMMAND, data=data)
    if sys.version_info >= (3, 13):
        _remember_lines(code, text)
    return code


def _remember_lines(code: types.CodeType, text: str) -> None:
    """As CPython does: of that code alone, since it can."""
    import linecache

    if hasattr(linecache, "_interactive_cache"):
        linecache._register_code(code, text, _COMMAND)  # type: ignore[attr-defined]
    else:
        lines = [line + "\n" for line in text.splitlines()]
        linecache.cache[_COMMAND] = (len(text), None, lines, _COMMAND)


def _load_stdin() -> types.CodeType:
    data = files.read_script(files.STDIN)
    _begin_working_folder()
    main_globals.update(mains.attributes(files.STDIN, None))
    module_attributes.give(main_globals, data)
    return importer.load_script(files.STDIN, data=data)


def _load_file(path: str, supervised: bool) -> types.CodeType:
    _begin_path(os.path.dirname(os.path.realpath(path)), os.path.dirname(path), asked=supervised)
    try:
        data = files.read_script(path)
    except OSError as error:
        if supervised:
            raise
        print(
            f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
    mains.digests[path] = source_hash(data)
    loader = SourcelessFileLoader if compiled.is_compiled(path, data) else SourceFileLoader
    main_globals.update(mains.attributes(path, loader))
    module_attributes.give(main_globals, data)
    return importer.load_script(path, data=data)


def _end_body() -> None:
    if _kept.left():
        from rebeam import _early  # when it is needed

        _early.body_ended()
    _kept.body_runs = False
    _kept.forget_left()
    output.flush_followed()


def trees() -> tuple[list[dict[str, Any]], list[object]]:
    """The trees to start now, as plain data, and the objects that they refer to."""
    objects: list[object] = []
    made = _trees.take_made()
    _end_body()
    if not made:
        return [], objects
    from rebeam import _specs  # when it is needed

    return [_specs.describe_tree(each, objects) for each in made], objects


def make(request: tuple[Any, ...]) -> Any:
    """What Elixir wants a process for: an actor's fresh instance, or a function to run."""
    from rebeam._program import elixir  # when it is needed

    return elixir.make(request)


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


prepare = _errors.prepare


def _open_children() -> None:
    """Children of all threads accept signals. `subprocess` may be imported already, by a .pth."""
    opened = _rebeam.opened(_posixsubprocess.fork_exec)
    _posixsubprocess.fork_exec = opened
    if "subprocess" in sys.modules:
        sys.modules["subprocess"]._fork_exec = opened  # type: ignore[attr-defined]


def _module_attributes() -> dict[str, object]:
    from rebeam import _names  # when it is needed

    return _names.MODULE_ATTRIBUTES


def _record() -> None:
    """As the command line has asked for it."""
    messages = int(_rebeam._setting("REBEAM_FLIGHT_RECORDER") or 0)
    if messages:
        from rebeam._engine import recorder  # when it is asked for

        recorder.start(messages, os.path.abspath(_rebeam._setting("REBEAM_CRASHES") or "."))


_rebeam.attach()
_record()
_open_children()
module_attributes.defined_by(_module_attributes)
