"""Classes and functions by their names: so they go elsewhere, also where pickles are forbidden."""

from __future__ import annotations

import contextlib
import importlib
import operator
import types
from typing import Any


def named(item: Any) -> Any:
    """A class or function as its module and name: that goes also where pickles are forbidden.
    What has no such name is packed as it is, or refused, with what is wrong."""
    with contextlib.suppress(ImportError, AttributeError, TypeError):
        name = item.__module__, item.__qualname__
        if isinstance(item, (type, types.FunctionType)) and find_global(*name) is item:
            return name
    return item


def find_global(module: str, name: str) -> Any:
    """What has that name in that module."""
    return operator.attrgetter(name)(importlib.import_module(module))
