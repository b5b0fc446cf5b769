"""What somebody types elsewhere, run in this program: `rebeam remote` and `rebeam eval`
(lib/rebeam/cli/remote/session.ex). Each session is an actor with a namespace of its own, behind
which are the program's `__main__` and the names of `rebeam`; what its code prints goes to who typed
it.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import linecache
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import rebeam
from rebeam import _errors, _kept
from rebeam._engine import importer
from rebeam._genpy import GenPy
from rebeam._marks import receive, start, stop
from rebeam._native import ProcessID, call
from rebeam._program import prompt

_session: ContextVar[Session | None] = ContextVar("rebeam_remote_session", default=None)
_sessions: list[Session] = []
_modules: dict[ProcessID, types.ModuleType] = {}
"""Of each terminal: it outlives a session whose code could not be stopped."""


class Session(GenPy):
    def __init__(self, terminal: ProcessID) -> None:
        self._terminal = terminal
        self._module = _modules.setdefault(terminal, types.ModuleType("__remote__"))
        self._module.__dict__["__builtins__"] = _Behind(vars(builtins))
        self._statements = 0
        self._flags = 0
        self._unsent: list[str] = []

    @start()
    def _begin(self) -> None:
        if not _sessions:
            _take_streams()
        _sessions.append(self)
        sys.modules["__remote__"] = self._module  # the newest: so that its classes can be sent

    @stop()
    def _end(self) -> None:
        if self in _sessions:
            _sessions.remove(self)
        if not _sessions:
            _give_streams_back()
        _modules.pop(self._terminal, None)
        for number in range(self._statements):
            linecache.cache.pop(_file(number + 1), None)

    @receive("run")
    def _run(self, message: tuple[str, str]) -> str | int:
        """ "ok", "raised", or the status of an exit."""
        _session.set(self)
        try:
            for code in self._compiled(*message):
                exec(code, self._module.__dict__)
                if not _kept.body_runs:  # which starts its own
                    prompt.start_trees()
        except SystemExit as error:
            return _errors.exit_status(error)[0]
        except _errors.CallInterrupted as error:
            self._report(KeyboardInterrupt().with_traceback(error.__traceback__))
            return "raised"
        except _errors.ActorExit:
            raise
        except BaseException as error:
            self._report(error)
            return "raised"
        else:
            return "ok"
        finally:
            self.flush()
            _session.set(None)

    def _compiled(self, how: str, source: str) -> Iterator[types.CodeType]:
        """As typed at a prompt, each statement shows its value; of code, the last one does."""
        self._statements += 1
        file = _file(self._statements)
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        body = ast.parse(source, file).body
        shown = body if how == "typed" else body[-1:]
        parts: list[list[ast.stmt]] = [[each] for each in shown]
        if len(shown) < len(body):
            parts.insert(0, body[: -len(shown)])
        for part in parts:
            yield self._tied(part, file, part[0] in shown)

    def _tied(self, part: list[ast.stmt], file: str, shown: bool) -> types.CodeType:
        module = ast.Module(part, [])
        tree = ast.Interactive(part) if shown else module
        mode = "single" if shown else "exec"
        plain = compile(tree, file, mode, self._flags, True)
        self._flags |= plain.co_flags & prompt.FUTURE
        return importer.with_typed_twins(plain, module)

    def _report(self, error: BaseException) -> None:
        """Without the frames of this file."""
        _errors.prepare(error)
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        lines = traceback.format_exception(type(error), error, trace)
        self.write("err", "".join(lines))

    @receive("complete")
    def _complete(self, message: str) -> list[str]:
        """What may follow a beginning, as at python's prompt."""
        import rlcompleter  # when it is needed

        known = {name: getattr(rebeam, name) for name in rebeam.__all__}
        completer = rlcompleter.Completer(known | _main() | vars(self._module))
        found: list[str] = []
        with contextlib.suppress(Exception):
            while (name := completer.complete(message, len(found))) is not None:
                found.append(name)
        return found

    # ---- what is printed ---------------------------------------------------------------

    def write(self, stream: str, text: str) -> None:
        """Lines are sent, and their beginnings with what follows."""
        if stream == "err":
            self.flush()
            self._send(stream, text)
            return
        self._unsent.append(text)
        if "\n" in text:
            self.flush()

    def flush(self) -> None:
        text = "".join(self._unsent)
        self._unsent.clear()
        if text:
            self._send("out", text)

    def _send(self, stream: str, text: str) -> None:
        call(self._terminal, "write", (stream, text), None)

    def show(self, value: object) -> None:
        """What a prompt does with the value of an expression."""
        if value is not None:
            self._module.__dict__["_"] = value
            self.write("out", repr(value) + "\n")


def _file(number: int) -> str:
    return f"<remote {number}>"


def _main() -> dict[str, Any]:
    return vars(sys.modules["__main__"])


class _Behind(dict[str, Any]):
    """The builtins of a session: what neither it nor they have is the program's, or rebeam's."""

    def __missing__(self, name: str) -> Any:
        main = _main()
        if name in main:
            return main[name]
        if name in rebeam.__all__:
            return getattr(rebeam, name)
        raise KeyError(name)


# ---- what the whole program prints to ------------------------------------------------------


class _Stream:
    """A stream of the program, but that sessions have their own."""

    def __init__(self, plain: Any, name: str) -> None:
        self._plain = plain
        self._name = name

    def write(self, text: str) -> int:
        session = _session.get()
        if session is None:
            return self._plain.write(text)  # type: ignore[no-any-return]
        session.write(self._name, text)
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        for each in lines:
            self.write(each)

    def flush(self) -> None:
        session = _session.get()
        if session is None:
            self._plain.flush()
        else:
            session.flush()

    def isatty(self) -> bool:
        return _session.get() is None and self._plain.isatty()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


class _Input:
    """The same of what it reads: a session has nothing to read."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def readline(self, *limit: int) -> str:
        if _session.get() is None:
            return self._plain.readline(*limit)  # type: ignore[no-any-return]
        raise EOFError("there is no input in a remote session")

    def close(self) -> None:
        """exit() does that first."""
        if _session.get() is None:
            self._plain.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


def _displayed(plain: Callable[[object], None]) -> Callable[[object], None]:
    def show(value: object) -> None:
        session = _session.get()
        if session is None:
            plain(value)
        else:
            session.show(value)

    return show


_before: dict[str, Any] = {}
_ours: dict[str, Any] = {}


def _take_streams() -> None:
    """For as long as there are sessions."""
    names = ("stdin", "stdout", "stderr", "displayhook")
    _before.update({name: getattr(sys, name) for name in names})
    _ours["displayhook"] = _displayed(sys.displayhook)
    if sys.stdin is not None:
        _ours["stdin"] = _Input(sys.stdin)
    for name, short in (("stdout", "out"), ("stderr", "err")):
        if _before[name] is not None:
            _ours[name] = _Stream(_before[name], short)
    for name, value in _ours.items():
        setattr(sys, name, value)


def _give_streams_back() -> None:
    """What the program has put there meanwhile stays."""
    for name, value in _ours.items():
        if getattr(sys, name) is value:
            setattr(sys, name, _before[name])
    _before.clear()
    _ours.clear()
