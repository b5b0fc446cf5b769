"""What is printed, in a VM that goes on after the script."""

from __future__ import annotations

import contextlib
import sys

_prepared = False


def by_line() -> None:
    """Output by the line: in a VM that runs on, nobody would see what stays in a buffer."""
    global _prepared
    if not _prepared:
        _prepared = True
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
