"""Which code object of a new text takes the place of which one of the old text.

Every function keeps its place by its qualified name; of several of one name, such as a property's
three or lambdas, those that read the same keep theirs first.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from _rebeam import suspend_twin

__all__ = ["Codes", "all_below", "functions_of"]

_KIND = 0x20 | 0x80 | 0x200  # a generator, a coroutine, both
_LAMBDA = "<lambda>"


class Codes:
    """Of the old text, those of its functions, each with what takes its place."""

    def __init__(self, old: CodeType, new: CodeType) -> None:
        self._found: dict[tuple[str, int], list[tuple[CodeType, CodeType]]] = {}
        for before, now in _pairs(old, new):
            key = before.co_qualname, before.co_firstlineno
            self._found.setdefault(key, []).append((before, now))

    def after(self, code: CodeType) -> CodeType | None:
        """What takes the place of that one; None if nothing can, or it is no function's own."""
        found = self._found.get((code.co_qualname, code.co_firstlineno), [])
        if len(found) > 1:
            found = [each for each in found if each[0] == code]
        if len(found) != 1 or (found[0][0].co_flags ^ code.co_flags) & _KIND:
            return None  # a twin has another kind
        now = found[0][1]
        return now if now.co_freevars == code.co_freevars else None


def _pairs(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Those below the two, from the outside in."""
    for name in dict.fromkeys(each.co_name for each in _children(old)):
        before = [each for each in _children(old) if each.co_name == name]
        now = [each for each in _children(new) if each.co_name == name]
        for pair in [*_same(before, now), *_rest(before, now, name)]:
            yield pair
            yield from _pairs(*pair)


def _same(before: list[CodeType], now: list[CodeType]) -> Iterator[tuple[CodeType, CodeType]]:
    """Takes those that read the same out of both."""
    texts = [_text(each) for each in now]
    for each in list(before):
        with contextlib.suppress(ValueError):
            place = texts.index(_text(each))
            before.remove(each)
            del texts[place]
            yield each, now.pop(place)


def _rest(
    before: list[CodeType], now: list[CodeType], name: str
) -> Iterator[tuple[CodeType, CodeType]]:
    if name != _LAMBDA or len(before) == len(now) == 1:
        yield from zip(before, now, strict=False)


def _children(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _text(code: CodeType) -> tuple[Any, ...]:
    """All of it but for where it stands."""
    constants = tuple(
        _text(each) if isinstance(each, CodeType) else (type(each), repr(each))
        for each in code.co_consts
    )
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    return code.co_code, constants, names, counts, code.co_flags, code.co_exceptiontable


def all_below(code: CodeType) -> Iterator[CodeType]:
    """The code, all in it, and their twins."""
    yield code
    twin: CodeType | None = suspend_twin(code)
    if twin is not None:
        yield twin
    for each in _children(code):
        yield from all_below(each)


def functions_of(wanted: Callable[[FunctionType], bool]) -> list[FunctionType]:
    """All functions that there are and that are wanted, whoever holds them."""
    functions = [each for each in gc.get_objects() if type(each) is FunctionType]
    return [each for each in functions if wanted(each)]
