"""Which part of a value cannot be sent, and why, for people.

Used only after packing failed, so it may be slow; it is bounded all the same.
"""

from __future__ import annotations

import json
import reprlib
import types
from collections.abc import Iterator
from typing import Any

from rebeam import _frames
from rebeam._native import pack

__all__ = ["explain"]

ATTEMPTS_MAX = 2000
"""How many parts are pickled in search of the one that fails."""

DEPTH_MAX = 50
STEPS_SHOWN = 20
KEY_SHOWN = 60


def explain(root: str, steps: list[tuple[str, Any]], value: object, error: Exception) -> Exception:
    """Return the exception to raise instead of `error`, which packing `value` raised.

    `root` is what the whole value is called ("message"), `steps` leads from there
    to `value`: ("item", index), ("value", key), ("key", key), ("element", element),
    ("attribute", name) or ("self", None).
    """
    path = root + _steps_text(steps)
    if isinstance(error, MemoryError) or (isinstance(error, RecursionError) and _of_codec(error)):
        return error
    if isinstance(error, RecursionError):
        return _caused(RecursionError(f"{path}: nested too deeply to pickle"), error)
    if isinstance(error, RuntimeError) and steps and steps[-1][0] == "self":
        return _caused(RuntimeError(f"{path}: {error}"), error)
    try:
        below, part, cause = _Search(error).deepest(value)
    except Exception:  # what it looked at raises by itself
        below, part, cause = "", value, error
    return _caused(TypeError(f"{path}{below}: {_reason(part, cause)}"), error)


def _of_codec(error: RecursionError) -> bool:
    return "is nested more than" in str(error)


def _caused(new: Exception, cause: Exception) -> Exception:
    """A cause that Python code raised says where. Any other says only what is said here again."""
    new.__cause__ = cause if _frames.any_left(cause) else None
    new.__suppress_context__ = True
    return new


class _Search:
    """Walks down from a value that does not pickle to its deepest such part."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.attempts = ATTEMPTS_MAX

    def deepest(self, value: object) -> tuple[str, object, Exception]:
        path, error = "", self.error
        seen = {id(value)}
        for _ in range(DEPTH_MAX):
            for step, part in self._parts(value):
                if self.attempts <= 0:
                    return path, value, error
                failure = None if id(part) in seen else self._failure(part)
                if failure is not None:
                    path, value, error = path + step, part, failure
                    seen.add(id(part))
                    break
            else:
                break
        return path, value, error

    def _failure(self, part: object) -> Exception | None:
        self.attempts -= 1
        try:
            pack(part, None)
        except Exception as error:
            return error
        return None

    def _parts(self, value: object) -> Iterator[tuple[str, object]]:
        """The parts of a value as pickle sees them, each with its step of the path."""
        if isinstance(value, dict):
            yield from _dict_parts(value)
        elif isinstance(value, (list, tuple)):
            fields = getattr(value, "_fields", ())
            for index, item in enumerate(value):
                yield (f".{fields[index]}" if index < len(fields) else f"[{index}]"), item
        elif isinstance(value, (set, frozenset)):
            for element in value:
                yield _step_text("element", element), element
        if not isinstance(value, type):
            yield from _reduced_parts(value)


def _dict_parts(value: dict[Any, Any]) -> Iterator[tuple[str, object]]:
    for key, item in list(value.items()):
        yield _step_text("key", key), key
        yield _step_text("value", key), item


def _reduced_parts(value: object) -> Iterator[tuple[str, object]]:
    try:
        reduced = value.__reduce_ex__(5)
    except Exception:
        return
    if not isinstance(reduced, tuple) or len(reduced) < 2:
        return
    state = reduced[2] if len(reduced) > 2 else None
    states = state if isinstance(state, tuple) else (state,)
    for attributes in states:
        if isinstance(attributes, dict):
            for name, item in attributes.items():
                yield f".{name}", item
        elif attributes is not None:
            yield ".__getstate__()", attributes
    arguments = reduced[1] if isinstance(reduced[1], tuple) else ()
    for index, item in enumerate(arguments):
        if not isinstance(item, type):
            yield f".__reduce__()[1][{index}]", item


def _reason(part: object, error: Exception) -> str:
    if isinstance(part, (types.FunctionType, type)) and not isinstance(error, TypeError):
        kind = "class" if isinstance(part, type) else "function"
        return (
            f"cannot pickle {kind} '{part.__qualname__}': "
            f"module '{part.__module__}' holds no such name"
        )
    text = str(error)
    if isinstance(error, TypeError) and text.startswith("cannot pickle"):
        return text
    name = type(part).__qualname__
    return f"cannot pickle '{name}' object: {type(error).__name__}: {text}"


def _steps_text(steps: list[tuple[str, Any]]) -> str:
    if len(steps) > STEPS_SHOWN:
        first, last = steps[: STEPS_SHOWN // 2], steps[-STEPS_SHOWN // 2 :]
        return _steps_text(first) + "..." + _steps_text(last)
    return "".join(_step_text(kind, key) for kind, key in steps)


def _step_text(kind: str, key: Any) -> str:
    if kind == "self":
        return ""
    if kind == "attribute":
        return f".{key}"
    if kind == "item":
        return f"[{key}]"
    if kind == "value":
        return f"[{_key_text(key)}]"
    return f"<{kind} {_key_text(key)}>"


def _key_text(key: object) -> str:
    try:
        if type(key) is str and len(key) <= KEY_SHOWN:
            return json.dumps(key, ensure_ascii=not key.isprintable())
        return reprlib.repr(key)
    except Exception:
        return f"<{type(key).__qualname__} object>"
