"""The flight recorder (`--flight-recorder N`): the last messages of each actor, its state before
each of them, and what its code asked for meanwhile and got. When the actor crashes they go into a
file, which `rebeam replay` reads (rebeam._program.replay).

What cannot be copied has an `Uncopied` in its place, which says why.
"""

from __future__ import annotations

import collections
import copyreg
import io
import os
import pickle
import sys
import tempfile
import time
from contextvars import ContextVar
from typing import Any

from _rebeam import suspend_record
from rebeam import _errors, _kept
from rebeam._engine import mains, scripts, watching
from rebeam._native import Packed, ProcessID, packed, unpack

__all__ = ["ENDING", "VERSION", "Record", "Uncopied", "key_of", "load", "start"]

VERSION = 2
ENDING = ".replay"
# Of so many files the oldest goes: an actor that crashes for ever fills no disk.
_FILES_MAX = 100


class Uncopied:
    """In the place of what could not be copied."""

    def __init__(self, kind: str, why: str) -> None:
        self.kind, self.why = kind, why

    def __repr__(self) -> str:
        return f"<{self.kind}, which could not be copied: {self.why}>"


class Record:
    """One message. `message`, `state` and what was got are copies, as bytes."""

    def __init__(self, work: str, subject: str | None, status: Any) -> None:
        self.work, self.subject, self.status = work, subject, status and str(status)
        self.time = time.time()
        self.message = self.source = self.state = b""
        self.asked: list[list[Any]] = []  # [name, key, value or None while it is awaited, raised]


_current: ContextVar[Record | None] = ContextVar("rebeam.record", default=None)


# ---- copies ------------------------------------------------------------------------------------


class _Copier(pickle.Pickler):
    """What is the instance itself, as what `self.method` is bound to, is none to be copied."""

    def __init__(self, file: io.BytesIO, instance: object) -> None:
        super().__init__(file, protocol=5)
        self._instance = instance

    def persistent_id(self, value: object) -> str | None:
        return "self" if value is not None and value is self._instance else None

    def reducer_override(self, value: object) -> Any:
        if type(value) is Packed:
            return _packed_again, (unpack(value),)
        return NotImplemented


def _packed_again(value: object) -> Packed:
    return packed(value, "value")


class _Loader(pickle.Unpickler):
    def __init__(self, data: bytes, instance: object) -> None:
        super().__init__(io.BytesIO(data))
        self._instance = instance

    def persistent_load(self, name: str) -> object:
        return self._instance


def load(data: bytes, instance: object = None) -> Any:
    """The value of a copy; `instance` stands for what it was of."""
    return _Loader(data, instance).load()


def _copy(value: object, instance: object = None) -> bytes:
    try:
        return _whole(value, instance)
    except Exception as error:
        return _whole(_uncopied(value, error), None)


def _whole(value: object, instance: object) -> bytes:
    file = io.BytesIO()
    _Copier(file, instance).dump(value)
    return file.getvalue()


def _uncopied(value: object, error: Exception) -> Uncopied:
    return Uncopied(type(value).__qualname__, f"{type(error).__name__}: {error}")


def _copy_state(instance: Any) -> bytes:
    """All at once, as parts of it may be the same object; else one by one."""
    kept = _kept.find(instance)
    try:
        state: dict[Any, Any] = dict(vars(instance)) if hasattr(instance, "__dict__") else {}
        for name in copyreg._slotnames(type(instance)):  # type: ignore[attr-defined]
            if name not in state and hasattr(instance, name):
                state[name] = getattr(instance, name)
        state.pop(_kept.NAME, None)
        own = kept.state if kept is not None else None
        return _whole((state, own), instance)
    except Exception:
        apart = {name: _part(value, instance) for name, value in state.items()}
        return _whole((apart, own and _part(own, instance)), instance)


def _part(value: object, instance: object) -> object:
    try:
        _whole(value, instance)
    except Exception as error:
        return _uncopied(value, error)
    return value


# ---- what is heard -----------------------------------------------------------------------------


def key_of(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> str:
    """What a primitive is asked for, as text: how answers are found again."""
    if name in ("call", "cast"):
        given = dict(zip(("target", "subject"), args, strict=False)) | named
        return f"{name}({given.get('target')!r}, {given.get('subject')!r})"
    return str(args[0]) if name == "_op" and args else name


class _Note:
    """Hears what comes of it."""

    def __init__(self, entry: list[Any]) -> None:
        self._entry = entry

    def __call__(self, value: object, raised: bool) -> None:
        self._entry[2:] = _copy(value), raised


def _records(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> _Note | None:
    record = _current.get()
    if record is None or name == "_suspend":  # what asyncio does is done again
        return None
    entry = [name, key_of(name, args, named), None, False]
    record.asked.append(entry)
    return _Note(entry)


class _Recorder:
    """A watcher of all actors of this interpreter."""

    def __init__(self, messages: int, folder: str) -> None:
        self._messages, self._folder = messages, folder

    def begins(
        self,
        instance: Any,
        work: str,
        subject: str | None,
        message: Any,
        source: Any,
        status: Any,
        trace: bytes | None,
    ) -> None:
        kept = _kept.find(instance)
        if kept is None:  # whoever made it had its arguments from a supervisor
            kept = _kept.of(instance)
            kept.arguments = None
        if kept.records is None:
            kept.pid, kept.records = ProcessID(), collections.deque(maxlen=self._messages)
        record = Record(work, subject, status)
        record.state = _copy_state(instance)
        record.message, record.source = _copy(message), _copy(source)
        kept.records.append(record)
        _current.set(record)

    def ends(self, instance: Any) -> None:
        _current.set(None)

    def raised(self, instance: Any, error: BaseException) -> None:
        pass

    # ---- the file ----------------------------------------------------------------------------

    def write(self, instance: Any, error: BaseException, traceback: str) -> str:
        """Writes what there is of an actor that crashed. The path, or why there is none."""
        kept = None if instance is None else _kept.find(instance)
        if kept is None or not kept.records:
            return ""
        cls = type(instance)
        told = {
            "version": VERSION,
            "python": sys.version_info[:2],
            "class": (cls.__module__, cls.__qualname__),
            "pid": str(kept.pid),
            "path": list(sys.path),
            "folders": scripts.described(),
            "mains": mains.known(),
            "given": mains.given_packed(),
            "error": f"{type(error).__name__}: {error}",
            "traceback": traceback,
            "records": [vars(record) for record in kept.records],
        }
        try:
            os.makedirs(self._folder, exist_ok=True)
            self._forget_oldest()
            when = time.strftime("%Y%m%d-%H%M%S")
            descriptor, path = tempfile.mkstemp(ENDING, f"{cls.__name__}-{when}-", self._folder)
            with open(descriptor, "wb") as file:
                pickle.dump(told, file)
            return path
        except Exception as failure:
            return f"not written: {failure}"

    def _forget_oldest(self) -> None:
        with os.scandir(self._folder) as entries:
            files = [each.path for each in entries if each.name.endswith(ENDING)]
        for path in sorted(files, key=os.path.getmtime)[: max(len(files) - _FILES_MAX + 1, 0)]:
            os.unlink(path)


def start(messages: int, folder: str) -> None:
    """Records from now on."""
    recorder = _Recorder(messages, folder)
    watching.watch(recorder)
    suspend_record(_records)
    _errors.recorded = recorder.write
