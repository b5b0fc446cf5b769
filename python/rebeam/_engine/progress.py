"""Progress bars: whether the program shows any, so that the log leaves them whole."""

from __future__ import annotations

import sys

from rebeam._engine import outside
from rebeam._native import _output_progress

__all__ = ["look"]

_LIBRARIES = ("tqdm", "rich.live")
_found = False


def look() -> None:
    """Something may be logged next, or will be: does the program have a library for that?"""
    global _found
    if not _found and outside.INSIDE and any(name in sys.modules for name in _LIBRARIES):
        _found = True
        _output_progress()
