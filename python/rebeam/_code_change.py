"""@code_change: what brings an instance to what its class has become, as its module was loaded
again (rebeam._reload), or as it came from a node where that reads otherwise (rebeam._luggage)."""

from __future__ import annotations

import sys
from importlib.util import source_hash
from typing import Any

from rebeam import _handlers, _kept, _marks
from rebeam._engine.user_files import program

__all__ = ["arrive", "change", "handler", "stamp", "version_of"]

# The texts of its class and of the bases; what @code_change is told of it, None if nothing says so;
# and whether there is one.
_Stamp = tuple[tuple[bytes | None, ...], Any, bool]


def version_of(cls: Any, undeclared: Any = None) -> Any:
    """What @code_change is told of a class as it is: its `__version__`, or its module's."""
    module = sys.modules.get(cls.__module__)
    return getattr(cls, "__version__", getattr(module, "__version__", undeclared))


def handler(cls: Any) -> _handlers.Handler | None:
    """The method that is marked."""
    return _handlers.one_of(cls, _marks.find(cls), "code_change")


def change(instance: Any, version: Any) -> None:
    """Has the instance, whose state is of that version, become what its class is."""
    found = handler(type(instance))
    if found is not None:
        bound = getattr(instance, found.name)
        given = {"self": instance, "old_version": version}
        call = bound if found.call is None else found.call
        named = {name: given[name] for name in found.names}
        call(*[given[name] for name in found.arguments[: found.positional]], **named)


# ---- from node to node -----------------------------------------------------------------------


def stamp(instance: Any) -> _Stamp:
    """Which code its state is of, for where it goes. A change that waits for it is made before."""
    while True:
        changes, found = _look(type(instance))
        kept = _kept.find(instance)
        if kept is None or kept.made == changes or _kept.changed is None:
            return found
        _kept.changed(instance)


def _look(cls: type) -> tuple[int, _Stamp]:
    """How many changes there were, and what the class is after them."""
    while True:
        changes = _kept.changes
        found = _stamp_of(cls)
        if changes == _kept.changes:
            return changes, found


def _stamp_of(cls: type) -> _Stamp:
    return tuple(map(_text_of, cls.__mro__)), version_of(cls), handler(cls) is not None


def _text_of(cls: type) -> bytes | None:
    path = getattr(sys.modules.get(cls.__module__), "__file__", None)
    text = None if path is None else program.texts.get(path)
    return None if text is None else source_hash(text)


def arrive(instance: Any, there: _Stamp) -> None:
    """It came from elsewhere: brings it to what its class is here. RuntimeError that says why that
    cannot be, where @code_change has no way to know, or to do it."""
    kept = _kept.of(instance)
    kept.made, here = _look(type(instance))
    if there[0] == here[0] or not (there[2] or here[2]):
        return
    name, was, now = type(instance).__qualname__, there[1], here[1]
    if was is None or now is None:
        raise RuntimeError(
            f"the module of {name} reads otherwise there, and without a __version__ on both nodes "
            f"its @code_change cannot know which is older: load it again on both first"
        )
    if was == now:
        return
    if not here[2] or not _is_older(was, now):
        raise RuntimeError(
            f"{name} is of version {was!r}, and there of {now!r}, which cannot take it"
        )
    change(instance, was)


def _is_older(was: Any, now: Any) -> bool:
    try:
        return bool(was < now)
    except TypeError:
        return False
