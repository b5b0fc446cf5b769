"""`rebeam --watch`: modules whose files change are loaded again."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import Any

from rebeam._engine import files
from rebeam._engine.user_files import program

__all__ = ["start"]

# Seconds. A file is loaded when it was the same for that long: who writes it may do so in parts.
_PERIOD = 0.25


def start() -> None:
    """From now on; in a thread, so that a program without actors stays one."""
    threading.Thread(target=_watch, name="rebeam_watch", daemon=True).start()


def _watch() -> None:
    checked: dict[str, Any] = {}
    seen: dict[str, Any] = {}
    while True:
        for path, text in list(program.texts.items()):
            now = _stamp(path)
            if now is not None and checked.get(path) != now == seen.get(path):
                checked[path] = now
                _check(path, text)
            seen[path] = now
        time.sleep(_PERIOD)


def _stamp(path: str) -> Any:
    try:
        found = os.stat(path)
    except OSError:  # it is being replaced, perhaps
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _check(path: str, text: bytes) -> None:
    from rebeam import _code  # when it is needed

    with contextlib.suppress(OSError):
        if files.read_new(path) == text:
            return

    try:
        result = _code.reload(path)
    except Exception as error:
        _say(f"{path} is not loaded again: {error}")
        return
    if result.refused:
        _say(f"{path} is not loaded again: {'; '.join(result.refused)}")
    elif result.changed:
        actors = "1 actor" if result.actors == 1 else f"{result.actors} actors"
        _say(f"{path} is loaded again: {', '.join(result.changed)} ({actors})")


def _say(text: str) -> None:
    print(f"rebeam: {text}", file=sys.stderr, flush=True)
