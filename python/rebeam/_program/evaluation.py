"""Code that Elixir has evaluated (lib/rebeam/session.ex): an actor whose state is a module."""

from __future__ import annotations

import ast
import itertools
import linecache
import sys
import types
import weakref
from typing import Any

from rebeam import _child, _children, _errors, _frames, _preferred, _trees
from rebeam._engine import importer, mains, module_attributes
from rebeam._genpy import GenPy
from rebeam._marks import receive
from rebeam._native import Response, pack, response_error, response_ok

# What the last expression comes to is kept under that name for a moment.
_VALUE = "_rebeam_value"

_numbers = itertools.count(1)


class Session(GenPy):
    """The names of one session: its own, or those of a script. Its classes are found in its module,
    for as long as it lives."""

    def __init__(self, script: str | None = None) -> None:
        importer.install()
        self._files: list[str] = []
        if script is not None:
            module = mains.of_script(script)
            if module is None:
                raise LookupError(f"no script {script!r} runs, or has run last under that path")
            self._module = module
            weakref.finalize(self, _forget, "", self._files).atexit = False
            return
        self._module = types.ModuleType(f"rebeam_session_{next(_numbers)}")
        self._module.__dict__.update(module_attributes.given())
        sys.modules[self._module.__name__] = self._module
        # Not by a @stop, for whose sake code that is at work would not be ended.
        forget = weakref.finalize(self, _forget, self._module.__name__, self._files)
        forget.atexit = False

    @receive("eval")
    def evaluate(self, message: dict[str, Any]) -> Response:
        """The value of the last expression, or what the code raised: [type, text, traceback]."""
        try:
            return response_ok(self._evaluate(**message))
        except _errors.ActorExit:
            raise
        except BaseException as error:
            _begin_traceback(error)
            _, kind, text, traceback, _ = _errors.describe(error, None)
            if isinstance(error, SystemExit):
                traceback = f"SystemExit: {error}"
            return response_error([kind, text, traceback])

    @receive("offer")
    def offer(self, message: dict[str, Any]) -> None:
        """For the script that is started next under that path: names, and what it prefers."""
        preferred = _preferred.Preferred(message["isolation"], message["strategy"])
        _preferred.offered[message["path"]] = message["names"], preferred

    def _evaluate(self, code: str, bindings: dict[str, Any], file: str | None, line: int) -> object:
        # The line numbers are those of where the code is from.
        source = "\n" * (line - 1) + code
        file = file or f"<eval {next(_numbers)}>"
        self._files.append(file)
        compiled = _compiled(source, file)
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        names = self._module.__dict__
        names.update(bindings)
        before = _trees.made().copy()
        exec(compiled, names)
        for tree in [each for each in _trees.made() if each not in before]:
            _children.run_register_process(_child.child(tree, restart="temporary"))
        value = names.pop(_VALUE, None)
        pack(value)  # what cannot be sent is an error of the code's, and none of this actor's
        return value


def _forget(module: str, files: list[str]) -> None:
    """Nobody finds what a session that is over has defined."""
    sys.modules.pop(module, None)
    for file in files:
        linecache.cache.pop(file, None)


def _begin_traceback(error: BaseException) -> None:
    """With the code's own first frame; of what the compiler says, with none."""
    trace = error.__traceback__
    while trace is not None and _frames.is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    error.__traceback__ = trace


def _compiled(source: str, file: str) -> types.CodeType:
    tree = compile(source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        kept = ast.Assign([ast.Name(_VALUE, ast.Store())], last.value)
        tree.body[-1] = ast.fix_missing_locations(ast.copy_location(kept, last))
    plain: types.CodeType = compile(tree, file, "exec", dont_inherit=True)
    return importer.with_typed_twins(plain, tree)
