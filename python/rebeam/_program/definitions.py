"""A script's source without what only the program itself does."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

_DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# By name: CPython 3.11 has no `type` statement.
_ASSIGNING = ("Assign", "AnnAssign", "AugAssign", "TypeAlias", "Expr")
# What may hold definitions among other things. A loop does not: without these it might not end.
_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With)


def definitions(data: bytes, after: int = 0) -> bytes:
    """The source of a script without statements that only print; the lines stay where they are.
    Behind the statement that `after` is a line of, only what defines something."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    lines = io.StringIO(data.decode(encoding), newline=None).read().split("\n")
    body = ast.parse("\n".join(lines)).body
    # From the end, as what is before a statement in its line has to stay where it is.
    for node in reversed(list(_left_out(body, after))):
        _blank(lines, node)
    return "\n".join(lines).encode(encoding)


def _left_out(body: list[ast.stmt], after: int) -> Iterator[ast.stmt]:
    for node in body:
        behind = after and (_start(node)[0] <= after or not _defines(node))
        if _only_prints(node) or (behind and not _is_future(node)):
            yield node
        elif after and isinstance(node, _BLOCKS):
            for block in _bodies(node):
                yield from _left_out(block, after)


def _bodies(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of a statement, in their order."""
    yield node.body  # type: ignore[attr-defined]
    for handler in getattr(node, "handlers", []):
        yield handler.body
    yield getattr(node, "orelse", [])
    yield getattr(node, "finalbody", [])


def _defines(node: ast.stmt) -> bool:
    """True of what gives a meaning to a name, and does nothing else."""
    if isinstance(node, _BLOCKS):
        return not _acts(node) and any(_defines(each) for block in _bodies(node) for each in block)
    if type(node).__name__ in _ASSIGNING:
        each_call = (each for each in ast.walk(node) if isinstance(each, ast.Call))
        return _binds(node) and all(map(_prints, each_call))
    return isinstance(node, _DEFINING)


def _acts(node: ast.stmt) -> bool:
    """Whether a block calls something before it begins, but for `with suppress(...)`."""
    heads = [each.context_expr for each in getattr(node, "items", [])]
    heads += [node.test] if isinstance(node, ast.If) else []
    calls = (each for head in heads for each in ast.walk(head) if isinstance(each, ast.Call))
    return any("suppress" not in ast.unparse(each.func) for each in calls)


def _binds(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Expr):
        return True
    return any(isinstance(each, ast.NamedExpr) for each in ast.walk(node))


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _only_prints(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and _prints(node.value) and not _binds(node)


def _prints(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    )


def _start(node: ast.stmt) -> tuple[int, int]:
    """Line and column; of a decorated one that of the "@", as nothing stands before it."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return (decorators[0].lineno, 0) if decorators else (node.lineno, node.col_offset)


def _blank(lines: list[str], node: ast.stmt) -> None:
    """Puts a statement that does nothing in the place of one."""
    assert node.end_lineno is not None and node.end_col_offset is not None
    line, column = _start(node)
    first, last = line - 1, node.end_lineno - 1
    before = lines[first].encode()[:column].decode()
    after = lines[last].encode()[node.end_col_offset :].decode()
    lines[first : last + 1] = [""] * (last - first + 1)
    lines[first] = before + ("0" if first == last else "(0")
    lines[last] += after if first == last else ")" + after  # perhaps a semicolon follows
