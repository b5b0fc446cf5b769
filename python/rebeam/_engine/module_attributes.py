"""What modules of the user's have besides what CPython gives them.

A module that says nothing of this runtime is left as under plain `python`, to its `dir()`.
"""

from __future__ import annotations

from typing import Any

given: dict[str, object] = {}
"""By their names; filled by what defines them (rebeam._names)."""


def give(namespace: dict[str, Any], source: bytes) -> None:
    """To the namespace of a module, before its code runs."""
    if b"rebeam" in source or any(name.encode() in source for name in given):
        namespace.update(given)
