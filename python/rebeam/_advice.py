"""Notes on exceptions that are surely due to a misunderstanding of this package."""

from __future__ import annotations

import ast
import functools
import itertools
import linecache
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from rebeam import _attributes
from rebeam._status import Status

_READ_ONLY = (
    "assignment destination is read-only",
    "output array is read-only",
    "cannot modify read-only memory",
)
_SHARED = (
    "What was sent or came in a message is shared and read-only: change a copy of it, "
    ".copy() of an array or a DataFrame, bytearray() of a memoryview."
)
_PAIR = (
    "{what} is what call() gave, a pair: write status, response = call(...), "
    "or ask(...), which gives the response or raises."
)
_RESPONSE = (
    "call() gives (status, response), and a response that is not Status.OK is the reason: "
    "look at the status first, or write ask(...), which gives the response or raises."
)
_CAST = "cast() waits for no answer, it gives True or False: call() gives (status, response)."
_PARTIAL = "A function gets its arguments by functools.partial: child(functools.partial(f, 1))."
_ITEMS = "The items come first: Supervisor([Counter(), main])."
_NAMED: dict[tuple[str | None, str | None], str] = {
    ("child", "args"): _PARTIAL,
    ("child", "kwargs"): _PARTIAL,
    ("child", "arguments"): _PARTIAL,
    ("Supervisor", "children"): _ITEMS,
    ("Supervisor", "items"): _ITEMS,
    ("DynamicSupervisor", "children"): "start_child(supervisor, item) adds one.",
}
_NO_INIT = (
    "GenPy takes no arguments: what others find the actor by is its attribute, "
    'self.name = "counter".'
)
_LOOP = (
    "All async def handlers run in one event loop, and this belongs to another one, such as that "
    "of a server that is a function: let an actor start the server, or give the server's "
    "coroutines what they await."
)


def note(error: BaseException) -> None:
    """Adds to the exception what to do, if that is known."""
    text = _text(error)
    advice = _SHARED if text.startswith(_READ_ONLY) else _of_kind(error, text)
    if advice is not None and advice not in getattr(error, "__notes__", ()):
        error.add_note(advice)


def _of_kind(error: BaseException, text: str) -> str | None:
    if isinstance(error, RuntimeError):
        return _LOOP if "attached to a different loop" in text else None
    if isinstance(error, AttributeError):
        return _attributes.advice(error) or _of_line(error, text)
    return _of_line(error, text)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _of_line(error: BaseException, text: str) -> str | None:
    """What the line that raised has to do with this package."""
    found = next((rule for words, rule in _RULES if words in text), None)
    trace = error.__traceback__
    if found is None or trace is None or "rebeam._surface" not in sys.modules:
        return None
    while trace.tb_next is not None:
        trace = trace.tb_next
    try:
        statement = _statement(trace.tb_frame.f_code, trace.tb_lineno)
        return None if statement is None else found(statement, trace)
    except Exception:  # what is looked at may be anything
        return None


# ---- rules: of the statement, and where in it the error was raised --------------------------


def _awaited(statement: ast.stmt, trace: types.TracebackType) -> str | None:
    for node in ast.walk(statement):
        name = _called(node.value, trace.tb_frame) if isinstance(node, ast.Await) else None
        if name is not None:
            other = name + "_async"
            instead = f"await {other}" if other in _surface().__all__ else name
            return f"{name}() is not awaited: write {instead}(...)."
    return None


def _unpacked(statement: ast.stmt, trace: types.TracebackType) -> str | None:
    value, frame = getattr(statement, "value", None), trace.tb_frame
    if _called(value, frame) == "cast":
        return _CAST
    inner = value.value if isinstance(value, ast.Subscript) else value
    return _RESPONSE if _called(inner, frame) == "call" else None


def _paired(statement: ast.stmt, trace: types.TracebackType) -> str | None:
    frame, place = trace.tb_frame, _place(trace)
    for node in ast.walk(statement):
        if _place_of(node) != place:
            continue
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            operands = [node.value]
        elif isinstance(node, ast.BinOp):
            operands = [node.left, node.right]
        else:
            operands = [node.value] if isinstance(node, ast.AugAssign) else []
        for each in operands:
            if _called(each, frame) == "call":
                return _PAIR.format(what="This")
            if isinstance(each, ast.Name) and _is_answer(_value(each, frame)):
                return _PAIR.format(what=each.id)
    return None


def _named(statement: ast.stmt, trace: types.TracebackType) -> str | None:
    for node in ast.walk(statement):
        given = [each.arg for each in node.keywords] if isinstance(node, ast.Call) else []
        for name in given:
            if (_called(node, trace.tb_frame), name) in _NAMED:
                return _NAMED[_called(node, trace.tb_frame), name]
    return None


def _without_init(statement: ast.stmt, trace: types.TracebackType) -> str | None:
    return _NO_INIT if isinstance(trace.tb_frame.f_locals.get("self"), _surface().GenPy) else None


_Rule = Callable[[ast.stmt, types.TracebackType], str | None]
_RULES: tuple[tuple[str, _Rule], ...] = (
    ("await", _awaited),
    ("unpack", _unpacked),
    ("tuple", _paired),
    ("unexpected keyword argument", _named),
    ("object.__init__() takes exactly one argument", _without_init),
)


def _is_answer(value: object) -> bool:
    return type(value) is tuple and len(value) == 2 and isinstance(value[0], Status)


# ---- what the line says --------------------------------------------------------------------


def _place(trace: types.TracebackType) -> tuple[int | None, ...]:
    """Of the expression that raised: lines and columns, as CPython marks it."""
    positions = trace.tb_frame.f_code.co_positions()
    first, last, start, end = next(itertools.islice(positions, trace.tb_lasti // 2, None))
    return first, last, start, end


def _place_of(node: ast.AST) -> tuple[int | None, ...]:
    names = ("lineno", "end_lineno", "col_offset", "end_col_offset")
    return tuple(getattr(node, name, -1) for name in names)


def _surface() -> Any:
    return sys.modules["rebeam._surface"]


def _called(node: object, frame: types.FrameType) -> str | None:
    """Which function of this package the expression calls, if it does."""
    if not isinstance(node, ast.Call):
        return None
    function, surface = _value(node.func, frame), _surface()
    return next((name for name in surface.__all__ if getattr(surface, name) is function), None)


def _value(node: ast.expr, frame: types.FrameType) -> object:
    """What a name, or a module's, stands for; None for all else."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, frame)
        return getattr(owner, node.attr, None) if isinstance(owner, types.ModuleType) else None
    return None


@functools.lru_cache(maxsize=64)
def _statement(code: types.CodeType, line: int) -> ast.stmt | None:
    """The innermost statement that the line is in."""
    return next(_around(ast.parse("".join(linecache.getlines(code.co_filename))), line), None)


def _around(node: ast.AST, line: int) -> Iterator[ast.stmt]:
    for inner in ast.iter_child_nodes(node):
        if getattr(inner, "lineno", line) <= line <= getattr(inner, "end_lineno", line):
            yield from _around(inner, line)
            if isinstance(inner, ast.stmt):
                yield inner
