"""Brings the instances of a class that was loaded again to what it wants them to be: @code_change.

It is tried on copies before anything changes. What counts is done to each actor before its next
message, by its own process.
"""

from __future__ import annotations

import copy
import weakref
from typing import Any

from rebeam import _kept
from rebeam._code_change import change, handler, version_of
from rebeam._genpy import GenPy
from rebeam._native import _instances

__all__ = ["Step", "noting", "taking_back", "try_out"]

Step = tuple[Any, ...]
"""A function in C and its arguments (change.py)."""

# Of each class, the versions that it had, each with how many changes there were before.
_versions: weakref.WeakKeyDictionary[type, list[tuple[int, Any]]] = weakref.WeakKeyDictionary()


def try_out(classes: list[tuple[type, type]], loaded: int) -> list[str]:
    """Why instances cannot be brought from the old class to the new one."""
    new = {old: now for old, now in classes if issubclass(now, GenPy) and handler(now)}
    if not new:
        return []
    refused = []
    for instance, pid in _instances():
        now = new.get(type(instance))
        if now is not None:
            text = _try(instance, now, version_of(type(instance), loaded))
            if text is not None:
                name = getattr(instance, "name", None)
                refused.append(f"{text} (tried on a copy of {name or pid})")
    return refused


def _try(instance: Any, now: Any, version: Any) -> str | None:
    try:
        made = _copied(instance, now)
        if made is not None:
            change(made, version)
    except Exception as error:
        found = handler(now)
        return f"{found and found.where} raised {type(error).__name__}: {error}"
    return None


def _copied(instance: Any, now: Any) -> Any:
    """What it would be as one of the new class, with a state of its own. None if no such thing can
    be made without its constructor."""
    try:
        made = object.__new__(now)
    except TypeError:  # of a builtin base
        return None
    for name, value in _state(instance).items():
        object.__setattr__(made, name, _copy(value))
    kept = _kept.find(instance)
    if kept is not None and kept.state is not None:
        _kept.of(made).state = _copy(kept.state)
    return made


def _state(instance: Any) -> dict[str, Any]:
    state = dict(getattr(instance, "__dict__", {}))
    for cls in type(instance).__mro__:
        slots = vars(cls).get("__slots__", ())
        for name in [slots] if isinstance(slots, str) else slots:
            if hasattr(instance, name) and name not in ("__dict__", "__weakref__"):
                state[name] = getattr(instance, name)
    return state


def _copy(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception:  # a lock, a socket: there is but one
        return value


# ---- in the running program -----------------------------------------------------------------


def noting(classes: list[tuple[type, type]], versions: dict[type, Any]) -> list[Step]:
    """What notes that the classes have changed: their instances are to be brought to what they are
    now. To be done together with that, as an instance looks once, with the next message."""
    changed = tuple(old for old, _ in classes)
    for instance, _ in _instances():
        if isinstance(instance, changed):
            _kept.of(instance)  # which says that the change was made later
    number = _kept.changes + 1
    told = [
        (list.append, _versions.setdefault(old, []), (number, versions[old])) for old in changed
    ]
    return [*told, *_set(changes=number, changed=_bring)]


def taking_back(classes: list[tuple[type, type]]) -> list[Step]:
    """What notes that the last change of the classes is undone: who has not come to it need not."""
    told = [(list.pop, _versions[old]) for old, _ in classes]
    return [*told, *_set(changes=_kept.changes + 1)]


def _set(**values: Any) -> list[Step]:
    return [(dict.__setitem__, vars(_kept), name, value) for name, value in values.items()]


def _bring(instance: Any) -> None:
    kept = _kept.find(instance)
    if kept is None or kept.made == _kept.changes:
        return
    made, kept.made = kept.made, _kept.changes
    left = [
        each for cls in type(instance).__mro__ for each in _versions.get(cls, ()) if each[0] > made
    ]
    if left:
        change(instance, min(left, key=lambda each: each[0])[1])
