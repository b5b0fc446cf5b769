"""The interactive prompt: `rebeam` alone, and `rebeam -i` behind a program.

Functions that are typed here suspend as those of a script do, and a supervisor that is made starts
when the statement that made it is over. It is CPython's own prompt otherwise: with history and
completion, and from 3.13 on the one that edits several lines.
"""

from __future__ import annotations
import __future__

import ast
import code
import codeop
import os
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from rebeam import _child, _children, _errors, _trees
from rebeam._engine import importer

__all__ = ["begin"]

FUTURE = 0
"""Flags of the compiler that hold on for what is typed later."""
for _each in __future__.all_feature_names:
    FUTURE |= getattr(__future__, _each).compiler_flag

_Body = types.CodeType | Callable[[], object]


def begin(namespace: dict[str, Any], body: _Body | Exception | None) -> None:
    """Runs what comes before the prompt, if anything, then the prompt, to the end of its input.
    `body` may also be why the program could not be loaded."""
    if body is None:
        _greet()
        _run_startup_file(namespace)
    else:
        _run_first(body, namespace)
    start_trees()
    read(namespace, _Statements)


Completer = Callable[[str, int], str | None]


def read(namespace: dict[str, Any], statements: type, completer: Completer | None = None) -> None:
    """Reads lines to the end of the input, with an editor if there is one for the terminal.
    `statements` is what the console runs them by, on top of CPython's class."""
    hook = getattr(sys, "__interactivehook__", None)
    if hook is not None and not sys.flags.isolated:
        hook()  # of site: history and completion
    _prompts()
    _open_input()
    if not (_has_editor() and _edit_lines(namespace, statements, completer)):
        if completer is not None and "readline" in sys.modules:
            sys.modules["readline"].set_completer(completer)
        made: Any = type("_Console", (_Lines, statements, code.InteractiveConsole), {})
        made(namespace, "<stdin>").interact(banner="", exitmsg="")


def _greet() -> None:
    if sys.flags.quiet:
        return
    print(f"Python {sys.version} on {sys.platform}", file=sys.stderr)
    hint = 'Type "help", "copyright", "credits" or "license" for more information.'
    print(hint if "site" in sys.modules else "Actors run while you type.", file=sys.stderr)


def _run_startup_file(namespace: dict[str, Any]) -> None:
    path = os.environ.get("PYTHONSTARTUP")
    if not path or sys.flags.ignore_environment:
        return
    namespace["__file__"] = path
    try:
        with open(path, "rb") as file:
            exec(compile(file.read(), path, "exec", dont_inherit=True), namespace)
    except Exception:
        _report()
    finally:
        namespace.pop("__file__", None)


def _run_first(body: _Body | Exception, namespace: dict[str, Any]) -> None:
    """The program. What it raises is reported, and it goes on at the prompt: so does sys.exit."""
    try:
        if isinstance(body, Exception):
            raise body.with_traceback(None)
        if isinstance(body, types.CodeType):
            exec(body, namespace)
        else:
            body()
    except BaseException:
        _report()


def _report() -> None:
    kind, error, trace = sys.exc_info()
    assert kind is not None and error is not None and trace is not None
    _errors.prepare(error)
    shown = None if error.__traceback__ is None else trace.tb_next
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, shown
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    if sys.excepthook is sys.__excepthook__:
        traceback.print_exception(kind, error, shown)
    else:
        sys.excepthook(kind, error, shown)


def _prompts() -> None:
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "


def _open_input() -> None:
    """The prompt reads on behind `exit`, which closes standard input for the program."""
    if sys.stdin is None or sys.stdin.closed:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  its end is the program's


# ---- statements --------------------------------------------------------------------------


def start_trees() -> None:
    """What was made, and nobody else starts. One that does not start is reported."""
    for tree in _trees.take_made():
        try:
            _children.run_register_process(_child.child(tree, restart="temporary"))
        except Exception:
            _report()


class _Compiler:
    """Ties twins to what CPython's compiler makes of a statement, so that its functions suspend."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def __call__(self, source: Any, filename: str, symbol: str, *more: Any, **options: Any) -> Any:
        made = self._plain(source, filename, symbol, *more, **options)
        return self._tied(made, source)

    def whole(self, source: str, filename: str) -> Any:
        """The same of a statement to which no more lines come. Before 3.11.4 `codeop` knows of
        none."""
        open_ended = codeop.PyCF_DONT_IMPLY_DEDENT | codeop.PyCF_ALLOW_INCOMPLETE_INPUT  # type: ignore[attr-defined]
        flags = self._plain.flags & ~open_ended
        return self._tied(compile(source, filename, "single", flags, True), source)

    def _tied(self, made: Any, source: Any) -> Any:
        if not isinstance(made, types.CodeType):
            return made
        tree = ast.parse(source) if isinstance(source, str) else source
        return importer.with_typed_twins(made, ast.Module(tree.body, []))

    @property
    def flags(self) -> int:
        flags: int = self._plain.flags
        return flags

    @flags.setter
    def flags(self, flags: int) -> None:
        self._plain.flags = flags


class _Statements(code.InteractiveInterpreter):
    """What is the same, whatever reads the lines."""

    filename: str  # of the console that this becomes a part of

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.compile.compiler = _Compiler(self.compile.compiler)  # type: ignore[assignment]

    def runcode(self, code: types.CodeType) -> None:
        super().runcode(code)
        start_trees()

    def showtraceback(self) -> None:
        """Of what a statement raised."""
        error = sys.exc_info()[1]
        if error is not None:
            _errors.prepare(error)
        super().showtraceback()

    def run_rest(self, source: str) -> None:
        """A statement to which no more lines come."""
        try:
            compiler: Any = self.compile.compiler
            made = compiler.whole(source, self.filename)
        except (OverflowError, SyntaxError, ValueError):
            self.showsyntaxerror()
        else:
            self.runcode(made)


class _Lines:
    """What reads them one by one."""

    buffer: list[str]
    resetbuffer: Callable[[], None]
    run_rest: Callable[[str], None]
    write: Callable[[str], None]

    def raw_input(self, prompt: str = "") -> str:
        """As python's: the end of the input ends a statement before it ends the prompt."""
        try:
            return _line(prompt)
        except EOFError:
            if not self.buffer:
                raise
            self.write("\n")
            source = "\n".join(self.buffer) + "\n"
            self.resetbuffer()
            self.run_rest(source)
            return ""


def _line(prompt: str) -> str:
    """As python's: what is no terminal is read without a word on standard output."""
    _open_input()
    if sys.stdin.isatty():
        return input(prompt)
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")


# ---- the prompt of 3.13 ------------------------------------------------------------------


def _has_editor() -> bool:
    return sys.version_info >= (3, 13) and not os.environ.get("PYTHON_BASIC_REPL")


def _edit_lines(namespace: dict[str, Any], statements: type, completer: Completer | None) -> bool:
    """False if CPython has none for this terminal."""
    try:
        from _pyrepl import console, main, readline, simple_interact

        if not main.CAN_USE_PYREPL:
            return False
        made = type("_Editor", (statements, console.InteractiveColoredConsole), {})
        editor = made(namespace, filename="<stdin>")
        if completer is not None:
            readline._setup(namespace)
            readline.set_completer(completer)
    except (ImportError, AttributeError, TypeError):
        return False  # it promises nothing of this
    simple_interact.run_multiline_interactive_console(editor)
    return True
