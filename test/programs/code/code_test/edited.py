"""Modules that a program writes, imports and changes: each call of `module` makes one more."""

import importlib
import itertools
import os
import sys
import textwrap
import types

from rebeam import Reloaded, reload

HERE = os.path.dirname(os.path.abspath(__file__))
_numbers = itertools.count(1)


def module(text: str, name: str | None = None) -> types.ModuleType:
    """A new module with that text."""
    name = name or f"edited_{next(_numbers)}"
    write(name, text)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def write(name: str, text: str) -> None:
    """Into the file of that module."""
    with open(os.path.join(HERE, name + ".py"), "w") as file:
        file.write(textwrap.dedent(text))


def source(of: types.ModuleType) -> str:
    """What its file holds."""
    with open(os.path.join(HERE, of.__name__ + ".py")) as file:
        return file.read()


def change(of: types.ModuleType, *pairs: tuple[str, str]) -> Reloaded:
    """Replaces text in its file, and loads it again."""
    text = source(of)
    for old, new in pairs:
        assert old in text, (old, text)
        text = text.replace(old, new)
    write(of.__name__, text)
    return reload(of)


def become(of: types.ModuleType, text: str) -> Reloaded:
    """Its file has another text, and is loaded again."""
    write(of.__name__, text)
    return reload(of)


def taken(result: Reloaded, *changed: str) -> None:
    """Asserts that it was done, and what differed."""
    assert result.refused == (), result
    assert result.changed == tuple(sorted(changed)), (result.changed, changed)


def refused(result: Reloaded, *parts: str) -> None:
    """Asserts that it was not done, and that the one reason says so much."""
    assert len(result.refused) == 1 and result.changed == (), result
    assert all(part in result.refused[0] for part in parts), (result.refused, parts)


sys.dont_write_bytecode = True
