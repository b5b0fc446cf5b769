"""Compiles a script as `python file` does.

Of what is no text that refuses more than `compile` does of the same bytes, in other words.
"""

from __future__ import annotations

import re
from types import CodeType

__all__ = ["compile_script"]

_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_NOTHING = re.compile(rb"[ \t\f]*(#.*)?\r?$")


def compile_script(data: bytes, path: str) -> CodeType:
    """The code of a script. SyntaxError as `python path` has it."""
    declared = _declared(data)
    if declared is None and not data.startswith(_BOM):
        _check_text(data, path)
    try:
        code: CodeType = compile(data, path, "exec", dont_inherit=True)
        return code
    except SyntaxError as error:
        if declared is not None and error.lineno == 0:
            raise SyntaxError(_encoding_problem(declared, str(error.msg))) from None
        if "null bytes" in str(error):
            line = data.count(b"\n", 0, data.index(b"\0")) + 1
            place = path, line, None, "\n"
            raise SyntaxError("source code cannot contain null bytes", place) from None
        raise


def _declared(data: bytes) -> str | None:
    """The encoding that one of the first two lines names."""
    for line in data.removeprefix(_BOM).split(b"\n", 2)[:2]:
        found = _DECLARED.match(line)
        if found is not None:
            return found[1].decode("ascii", "replace")
        if _NOTHING.match(line) is None:
            break
    return None


def _check_text(data: bytes, path: str) -> None:
    """Also what stands in a comment has to be UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SyntaxError(
            f"Non-UTF-8 code starting with '\\x{data[error.start]:02x}' in file {path} on "
            f"line {line}, but no encoding declared; "
            "see https://peps.python.org/pep-0263/ for details"
        ) from None


def _encoding_problem(declared: str, message: str) -> str:
    return message if message.startswith("encoding problem") else f"encoding problem: {declared}"
