"""Reads the user's files, on disk or in a zip archive, which a path then leads into."""

from __future__ import annotations

import os
import stat
from zipimport import ZipImportError, zipimporter

__all__ = ["STDIN", "Far", "exists", "kept", "read", "read_script"]

STDIN = "<stdin>"
"""What CPython calls the program that comes on standard input."""

kept: dict[str, bytes] = {}
"""By their paths, scripts that cannot be read twice, of standard input and of pipes; and what
counts in place of a file whose text was taken back (rebeam._reload)."""


class Far:
    """Where the files of the program are that are not on this machine (rebeam._engine.far)."""

    def has(self, path: str) -> bool:
        """Whether what has that path is there, if it is anywhere."""
        raise NotImplementedError

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        raise NotImplementedError

    def read(self, path: str) -> bytes:
        """What it holds. OSError if there is none."""
        raise NotImplementedError


far: Far | None = None
"""In a unit of a worker machine."""


def read(path: str) -> bytes:
    """What a file holds. OSError if there is none."""
    if path not in kept and far is not None and far.has(path):
        kept[path] = far.read(path)
    return kept[path] if path in kept else read_new(path)


def read_new(path: str) -> bytes:
    """What it holds now. OSError if there is none, and for what cannot be read twice."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except NotADirectoryError:
        archive = _archive_of(path)
        if archive is None:
            raise
        return archive.get_data(path)


def read_script(path: str) -> bytes:
    """What the script is that python is told to run."""
    with open(0 if path == STDIN else path, "rb", closefd=path != STDIN) as file:
        data = file.read()
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or path == STDIN:
            kept[path] = data
    return data


def exists(path: str) -> bool:
    """Whether there is such a file."""
    if path in kept:
        return True
    if far is not None and far.has(path):
        return far.exists(path)
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except NotADirectoryError:
        return _is_member(path)
    except (OSError, ValueError):
        return False


def _is_member(path: str) -> bool:
    archive = _archive_of(path)
    if archive is None:
        return False
    try:
        archive.get_data(path)
    except OSError:
        return False
    return True


def _archive_of(path: str) -> zipimporter | None:
    """The archive that a path leads into."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    try:
        return zipimporter(path)  # which keeps the list of an archive's files
    except ZipImportError:
        return None
