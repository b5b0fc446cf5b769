"""Which version of a module's text each code object is of, and who still runs an older one."""

from __future__ import annotations

import contextlib
import gc
import sys
import types
import weakref
from collections.abc import Iterator
from importlib.util import source_hash
from typing import Any

from rebeam._engine import files, mains
from rebeam._engine.user_files import program
from rebeam._native import _instances, _thread_frames
from rebeam._reload.codes import all_below

__all__ = [
    "changed",
    "describe",
    "find",
    "frames",
    "go_back",
    "load",
    "module",
    "number",
    "running",
]

_COROUTINES = (types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType)

# By a module's file: the version that counts now, and the last that there was.
_numbers: dict[str, tuple[int, int]] = {}
# Of code that was loaded again, by its id, as equal codes of two versions are two. It goes with it.
_codes: dict[int, tuple[weakref.ref[types.CodeType], int]] = {}


# ---- modules ------------------------------------------------------------------------------


def module(given: types.ModuleType | str) -> types.ModuleType:
    """The module, by its name or the path of its file. TypeError or ValueError for what cannot be
    loaded again."""
    if isinstance(given, str):
        found = _of_file(given) if given.endswith(".py") else sys.modules.get(given)
        if found is None:
            raise ValueError(f"no module {given!r} is loaded here, so it cannot be loaded again")
    elif isinstance(given, types.ModuleType):
        found = given
    else:
        raise TypeError(f"reload takes a module or its name, not {given!r}")
    if getattr(found, "__file__", None) not in program.texts:
        raise ValueError(
            f"{found.__name__} is no module of the program's own that has a source file: only "
            f"those beside the script, or below its folder, can be loaded again"
        )
    return found


def _of_file(path: str) -> types.ModuleType | None:
    found = [each for each in list(sys.modules.values()) if getattr(each, "__file__", None) == path]
    return found[0] if found else None


def changed() -> list[str]:
    """The names of the modules whose files say something else than what was loaded."""
    return [name for name, _, text, digest in _described() if source_hash(text) != digest]


def _described() -> Iterator[tuple[str, str, bytes, bytes]]:
    for path in list(program.texts):
        found = _of_file(path)
        with contextlib.suppress(OSError):
            if found is not None:
                yield describe(found)


def describe(found: types.ModuleType) -> tuple[str, str, bytes, bytes]:
    """Its name, its path, what its file holds now, and the digest of what was loaded. OSError."""
    path = str(found.__file__)
    name = next((name for name, each in list(sys.modules.items()) if each is found), found.__name__)
    name = "__main__" if name == mains.IN_UNITS else name
    try:
        text = files.read_new(path)
    except OSError as error:
        raise OSError(f"the source of {name} cannot be read: {error}") from None
    return name, path, text, source_hash(program.texts[path])


def find(name: str, path: str, digest: bytes) -> types.ModuleType | None:
    """The one here: of that path, or, on another machine, of the same text. None if none is."""
    if name.startswith("__main__"):
        found = mains.of_script(path) or sys.modules["__main__"]
    else:
        found = sys.modules.get(name)  # type: ignore[assignment]
    place = getattr(found, "__file__", None)
    if place not in program.texts:
        return None
    return found if place == path or source_hash(program.texts[place]) == digest else None


# ---- versions -----------------------------------------------------------------------------


def number(found: types.ModuleType) -> int:
    """Which version of its text a module has: how often it was loaded, but for what was taken
    back."""
    return _numbers.get(str(found.__file__), (1, 1))[0]


def load(found: types.ModuleType, codes: list[types.CodeType]) -> None:
    """A new version, which has these codes."""
    path = str(found.__file__)
    _, last = _numbers.get(path, (1, 1))
    _numbers[path] = last + 1, last + 1
    for code in codes:
        for each in all_below(code):
            _note(each, last + 1)


def _note(code: types.CodeType, version: int) -> None:
    key = id(code)
    _codes[key] = weakref.ref(code, lambda _: _codes.pop(key, None)), version


def go_back(found: types.ModuleType, to: int) -> None:
    """To an earlier version, which counts again."""
    path = str(found.__file__)
    _numbers[path] = to, _numbers[path][1]


def running() -> list[tuple[str, int, list[tuple[Any, str, int, int]]]]:
    """Each module's name and version; and what runs another: process, function, line, version."""
    paths = {str(each.__file__): name for name, each in list(sys.modules.items()) if _is_ours(each)}
    old: dict[str, list[tuple[Any, str, int, int]]] = {path: [] for path in paths}
    pids = {id(instance): pid for instance, pid in _instances()}
    for frame in frames():
        code = frame.f_code
        if code.co_filename in paths and code.co_name != "<module>":
            version = _codes[id(code)][1] if id(code) in _codes else 1
            if version != _numbers.get(code.co_filename, (1, 1))[0]:
                told = (
                    pids.get(id(frame.f_locals.get("self"))),
                    code.co_qualname,
                    frame.f_lineno or 0,
                    version,
                )
                old[code.co_filename].append(told)
    return [
        ("__main__" if name == mains.IN_UNITS else name, _numbers.get(path, (1, 1))[0], old[path])
        for path, name in paths.items()
    ]


def _is_ours(found: object) -> bool:
    return getattr(found, "__file__", None) in program.texts


def frames() -> Iterator[types.FrameType]:
    """All of Python code that runs or is suspended here."""
    for frame in _thread_frames():
        inner: types.FrameType | None = frame
        while inner is not None:
            yield inner
            inner = inner.f_back
    for each in gc.get_objects():
        if type(each) in _COROUTINES:
            suspended = _frame(each)
            if suspended is not None and suspended.f_back is None:
                yield suspended


def _frame(each: Any) -> types.FrameType | None:
    for name in ("cr_frame", "gi_frame", "ag_frame"):
        if hasattr(each, name):
            frame: types.FrameType | None = getattr(each, name)
            return frame
    return None
