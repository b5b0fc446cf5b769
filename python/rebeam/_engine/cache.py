"""The cache files of user's modules, beside those that python writes."""

from __future__ import annotations

import _imp
import _thread
import contextlib
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from typing import Any, NamedTuple

from rebeam._engine.twins import FORMAT, Compiled, Key, Summary

__all__ = ["Source", "content", "read", "replace", "write"]


class Source(NamedTuple):
    """One version of a user's file, as far as it has been read."""

    digest: bytes
    summary: Summary
    compiled: Compiled | None


def _path(path: str) -> str | None:
    """``dir/__pycache__/name.rebeam-3.cpython-311.pyc`` for ``dir/name.py``; None for none."""
    try:
        folder, name = os.path.split(cache_from_source(path))
    except (NotImplementedError, ValueError):
        return None
    stem = os.path.splitext(os.path.basename(path))[0]
    return os.path.join(folder, f"{stem}.rebeam-{FORMAT}{name[len(stem) :]}")


def read(path: str, digest: bytes) -> Source | None:
    """The cached form of exactly this source; None if there is none, or it is damaged."""
    name = _path(path)
    if name is None:
        return None
    found: Any = content(name)
    if found is None or found[:2] != (MAGIC_NUMBER, digest):
        return None
    _, _, summary, key, plain, twins = found
    for code in (plain, twins):
        if code is not None:
            _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]
    return Source(digest, summary, Compiled(Key(*key), plain, twins))


def write(path: str, source: Source) -> None:
    """Replaces the cache file, or leaves it as it is."""
    name = _path(path)
    if name is None or sys.dont_write_bytecode or source.compiled is None:
        return
    key, plain, twins = source.compiled
    payload: Any = (MAGIC_NUMBER, source.digest, source.summary, tuple(key), plain, twins)
    replace(name, marshal.dumps(payload))


def replace(name: str, payload: bytes) -> None:
    """Writes a file at once, with its folder, and a digest before the content; or not at all."""
    temporary = f"{name}.{os.getpid()}-{_thread.get_ident()}"
    try:
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(source_hash(payload) + payload)
        os.replace(temporary, name)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def content(name: str, own: bool = False) -> object:
    """What `replace` wrote, as it was before it was marshalled; None if it is not there, or
    damaged. `own`: nor if another user wrote it."""
    try:
        with open(name, "rb") as file:
            if own and os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            data = file.read()
        return marshal.loads(data[8:]) if data[:8] == source_hash(data[8:]) else None
    except (OSError, EOFError, ValueError, TypeError):
        return None
