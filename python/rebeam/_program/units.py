"""What a program takes along to its isolation units (lib/rebeam/units.ex).

On one side, *requests*: an actor's class and arguments, or a function, as bytes from which a unit
makes it. On the other, in the unit: the program's surroundings (`sys.path`, `sys.argv`, the
environment) and the definitions of its main.py. A unit runs the body of main.py as `__main__`, so
that classes have the names that they have in the program, but without
`if __name__ == "__main__":` and without statements that only print. From the first thing on that
the body asks of the runtime it does what the program does already: of what follows, a unit runs
imports, functions, classes and assignments that call nothing, and leaves out what fails.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import importlib
import io
import operator
import os
import sys
import threading
import tokenize
import types
from typing import Any

from rebeam import _errors, _items, _supervisor
from rebeam._engine import importer
from rebeam._genpy import Recipe
from rebeam._native import _op, _refuse, pack, unpack
from rebeam._program import elixir

# The program of the unit that this is; None in the main interpreter.
_program: dict[str, Any] | None = None

# What the main node was told last, and its digest.
_told: tuple[dict[str, Any], str] | None = None

_default: str | None = None

# Which lines of the scripts were left out, because they asked the runtime for something or failed
# after that, and why.
_left_out: dict[str, list[str]] = {}

_renaming = threading.Lock()

ISOLATIONS = ("shared", "interpreter", "process")


def inside() -> bool:
    """True in a unit."""
    return _program is not None


def default() -> str:
    """The isolation of children that name none."""
    global _default
    if _default is None:
        _default = _op("units.default")
    return _default


# ---- requests ------------------------------------------------------------------------


def describe(item: Any, recipe: Any) -> dict[str, Any]:
    """What a child that starts elsewhere is described by, for lib/rebeam/trees.ex.

    TypeError, with the path to the part, if it cannot be sent.
    """
    try:
        request = pack(("portable", pack(_portable(item, recipe)), _main_path()))
    except Exception as error:
        text = str(error).replace("value[2][0]", "arguments").replace("value[2][1]", "arguments")
        raise TypeError(
            f"{_items.label(item)} cannot start in an isolation unit: "
            f"{text.removeprefix('value[1]: ')} "
            f"(what a child is made from is sent there; functions and classes go by their name)"
        ) from error
    return {"request": request, "program": _tell_program()}


def _portable(item: Any, recipe: Any) -> tuple[Any, ...]:
    if isinstance(item, types.ModuleType):
        return "module", item.__name__, getattr(item, "__file__", None)
    if isinstance(item, (str, os.PathLike)):
        return "path", os.path.abspath(item)
    if not isinstance(recipe, Recipe):
        return "call", _named(item)
    cls, arguments = recipe.parts()
    return "actor", _named(cls), arguments


def _named(item: Any) -> Any:
    """A class or function as its module and name: that goes also where pickles are forbidden.
    What has no such name is packed as it is, or refused, with what is wrong."""
    with contextlib.suppress(ImportError, AttributeError, TypeError):
        name = item.__module__, item.__qualname__
        if isinstance(item, (type, types.FunctionType)) and _find(*name) is item:
            return name
    return item


def _find(module: str, name: str) -> Any:
    return operator.attrgetter(name)(importlib.import_module(module))


def _main_path() -> str | None:
    path = getattr(sys.modules["__main__"], "__file__", None)
    return None if path is None else os.path.abspath(path)


def _unpack(packed: bytes, path: str | None) -> tuple[Any, ...]:
    """With `__main__` as it was where it was packed: that script, though another one of the same
    program has the name by now."""
    module = None if path in (None, _main_path()) else _main_of(path)
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
    return kind, _find(*what) if type(what) is tuple else what, *rest


def _main_of(path: str | None) -> types.ModuleType | None:
    for name, module in list(sys.modules.items()):
        if _is_main(name) and getattr(module, "__file__", None) == path:
            return module
    return None


def _is_main(name: str) -> bool:
    return name.startswith("__main__")


def make(packed: bytes, main: str | None = None) -> Any:
    """In the unit: what the request is for, an actor's instance or a function to run. `main` is
    the path of the script that was `__main__` where it was packed."""
    try:
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
        return _items._ModuleRun(*rest)
    recipe = _items.recipe(rest[0])
    return recipe() if isinstance(recipe, Recipe) else recipe


# ---- the program ---------------------------------------------------------------------


def _tell_program() -> str:
    """The digest of the program as it is now; the main node knows what it stands for."""
    global _told
    if _program is not None:
        return str(_program["digest"])
    described = _describe_program()
    if _told is None or _told[0] != described:
        program = pack(described)
        digest = hashlib.blake2b(program, digest_size=16).hexdigest()
        elixir.prepare()  # what is printed here and there comes in its order
        _op("units.program", digest, program)
        _told = described, digest
    return _told[1]


def _describe_program() -> dict[str, Any]:
    return {
        "argv": list(sys.argv),
        "path": list(sys.path),
        "folder": os.getcwd(),
        "environ": dict(os.environ),
        "roots": importer.roots(),
        "isolation": default(),
        "mains": [
            (name, path, module.__package__)
            for name, module in list(sys.modules.items())
            if _is_main(name)
            and (path := getattr(module, "__file__", None)) is not None
            and os.path.isfile(path)
        ],
    }


def begin(packed: bytes, digest: str = "") -> None:
    """In the unit: takes over the program. What it defines is there afterwards."""
    global _program, _default
    program = unpack(packed)
    program["digest"] = digest or hashlib.blake2b(packed, digest_size=16).hexdigest()
    _program, _default = program, program["isolation"]
    sys.argv[:] = program["argv"]
    sys.path[:] = program["path"]
    with contextlib.suppress(OSError):
        os.chdir(program["folder"])
    os.environ.clear()
    os.environ.update(program["environ"])
    importer.install(program["roots"])
    elixir.prepare()
    _refuse(_errors.BodyOver)
    try:
        for name, path, package in program["mains"]:
            _define(name, os.path.abspath(path), package)
    finally:
        _refuse(None)
    _supervisor.take_made()  # the program starts its trees


def _define(name: str, path: str, package: str | None) -> None:
    if _main_of(path) is not None:
        return
    module = elixir.fresh_main(path) if name == "__main__" else types.ModuleType(name)
    module.__file__ = path
    module.__package__ = package
    sys.modules[name] = module
    line = 0
    while True:
        code = importer.load_script(path, functools.partial(definitions, after=line))
        try:
            exec(code, module.__dict__)
            return
        except BaseException as error:
            if not line and not isinstance(error, _errors.BodyOver):
                raise
            line = _line_of(error)
            why = "" if isinstance(error, _errors.BodyOver) else f" ({error!r})"
            _left_out.setdefault(path, []).append(f"line {line}{why}")


def _line_of(error: BaseException) -> int:
    """Of the script's own body."""
    trace = error.__traceback__
    assert trace is not None and trace.tb_next is not None  # this function's caller is the first
    return trace.tb_next.tb_lineno


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
