"""Scripts that are compiled already: a ``.pyc``, and the source that it was made from."""

from __future__ import annotations

import contextlib
import marshal
import os
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER, source_from_cache
from types import CodeType

from rebeam._engine import files

__all__ = ["code_of", "is_compiled", "source_of"]

# As it is now: see importer.py.
_abspath = os.path.abspath


def is_compiled(path: str, data: bytes) -> bool:
    """Whether python takes a script for a ``.pyc``."""
    return path.endswith(".pyc") or (path != files.STDIN and data[:2] == MAGIC_NUMBER[:2])


def code_of(data: bytes) -> CodeType:
    """What a ``.pyc`` file holds; raises what ``python`` reports of a damaged one."""
    if data[:4] != MAGIC_NUMBER:
        raise RuntimeError("Bad magic number in .pyc file")
    try:
        code = marshal.loads(data[16:])
    except (EOFError, ValueError, TypeError):
        code = None
    if not isinstance(code, CodeType):
        raise RuntimeError("Bad code object in .pyc file")
    return code


def source_of(code: CodeType, path: str) -> tuple[str, bytes] | None:
    """The source that compiled code was made from, and its path, if that is still there."""
    for name in _source_names(code, path):
        with contextlib.suppress(OSError, ValueError, SyntaxError):
            data = files.read(name)
            if compile(data, code.co_filename, "exec", dont_inherit=True) == code:
                return name, data
    return None


def _source_names(code: CodeType, path: str) -> Iterator[str]:
    if path.endswith(".pyc"):
        with contextlib.suppress(NotImplementedError, ValueError):
            yield source_from_cache(path)
        yield path[:-1]
    yield _abspath(code.co_filename)
