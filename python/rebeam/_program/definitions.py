"""A script's source without what only the program itself does."""

from __future__ import annotations

import ast
import io
import tokenize


def definitions(data: bytes, after: int = 0) -> bytes:
    """The source of a script without what only the program itself does; the lines stay where
    they are. Behind the statement that `after` is a line of, only what defines something."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    lines = io.StringIO(data.decode(encoding), newline=None).read().split("\n")
    # From the end, as what is before a statement in its line has to stay where it is.
    for node in reversed(ast.parse("\n".join(lines)).body):
        behind = after and (_start(node)[0] <= after or not _defines(node))
        if _is_programs_own(node) or (behind and not _is_future(node)):
            _blank(lines, node)
    return "\n".join(lines).encode(encoding)


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return not any(isinstance(each, ast.Call) for each in ast.walk(node))
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return isinstance(node, kinds)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_programs_own(node: ast.stmt) -> bool:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        sides = [node.test.left, *node.test.comparators]
        return {_text(each) for each in sides} == {"name __name__", "value __main__"}
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and _text(call.func) == "name print"


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return f"name {node.id}"
    return f"value {node.value!s}" if isinstance(node, ast.Constant) else ""


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
    lines[first] = before + "0"
    lines[last] += after if last == first else "0" + after  # perhaps a semicolon follows
