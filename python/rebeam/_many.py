"""Starting many children, or many functions, at once (lib/rebeam/trees/many.ex)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from rebeam import _items
from rebeam._arguments import to
from rebeam._child import Child, Item, as_child
from rebeam._genpy import GenPy
from rebeam._native import ProcessID, Target, _op
from rebeam._processes import bind, check
from rebeam._recipe import Recipe
from rebeam._specs import describe_child
from rebeam._trees import Tree, claim

_I = TypeVar("_I")


def start_children(sup: Target, items: Iterable[Item | Child]) -> list[ProcessID]:
    """Starts many children of a supervisor at once, and waits until all have started.

    items: whatever `start_child` takes, each. Returns their processes, in the order of the items.
    All of them start, or none: if one fails, those that have started are ended again, and
    RuntimeError tells which one it was, with its Python traceback; "max_children" if there is no
    place for all. In which order they are made is not told; what waits in a `@start` waits beside
    the others. Other errors are those of `start_child`, with a note of the item. Suspends.
    """
    target = to(sup, "a supervisor")
    if isinstance(items, (str, bytes)):
        raise TypeError(f"items must be several items, not {items!r}")
    described = _Described()
    for index, item in enumerate(items):
        try:
            described.add(item)
        except Exception as error:
            error.add_note(f"this is about items[{index}]: none of them was started")
            described.give_back()
            raise
    if not described.groups:
        return []
    described.claim()
    pids: list[ProcessID] = _op(
        "children.start_many", target, described.groups, objects=described.objects
    )
    return pids


def spawn_many(fn: Callable[[_I], object], iterable: Iterable[_I]) -> list[ProcessID]:
    """Runs `fn(item)` for each item as a process of its own, as `spawn` does, all at once. Returns
    their processes, in the order of the items. If `iterable` raises, nothing was started.
    Suspends."""
    check(fn)
    calls: list[object] = [_bound(fn, item) for item in iterable]
    if not calls:
        return []
    pids: list[ProcessID] = _op("processes.spawn_many", _items.label(fn), objects=calls)
    return pids


# Values of these need no copy.
_UNCHANGING = (int, str, float, bytes, bool, type(None))


def _bound(fn: Callable[[_I], object], item: _I) -> object:
    return functools.partial(fn, item) if type(item) in _UNCHANGING else bind(fn, (item,), {})


class _Described:
    """Items as groups of what is alike but for what it is made from."""

    def __init__(self) -> None:
        self.groups: list[tuple[dict[str, Any], list[Any]]] = []
        self.objects: list[object] = []
        self._trees: list[Tree] = []
        self._taken: list[Recipe] = []
        # Of items that come again, and of actors that differ in their arguments alone.
        self._same: dict[int, tuple[object, dict[str, Any], Any]] = {}
        self._alike: dict[tuple[type, str], dict[str, Any]] = {}

    def add(self, item: Item | Child) -> None:
        known = self._same.get(id(item))
        if known is not None:
            self._append(known[1], known[2])
        elif isinstance(item, GenPy):
            self._add_instance(item)
        else:
            child, made_from = self._describe(as_child(item))
            # A tree is started once, and a child with an instance makes a fresh one the next time.
            if not isinstance(item, Tree):
                self._same[id(item)] = item, child, made_from
            self._append(child, made_from)

    def give_back(self) -> None:
        for recipe in self._taken:
            recipe.give_back()

    def claim(self) -> None:
        for tree in self._trees:
            claim(tree)

    def _add_instance(self, item: GenPy) -> None:
        alike = type(item), _items.label(item)
        child = self._alike.get(alike)
        if child is None or "program" in child:
            each = as_child(item)
            self._taken.append(each.recipe())
            child, made_from = self._describe(each)
            self._alike[alike] = child
        else:
            recipe = Recipe(item)
            self._taken.append(recipe)
            made_from = self._recipe(recipe)
        self._append(child, made_from)

    def _describe(self, each: Child) -> tuple[dict[str, Any], Any]:
        if isinstance(each.item, Tree):
            self._trees.append(each.item)
            return describe_child(each, self.objects, set()), None
        objects: list[object] = []
        child = describe_child(each, objects, set())
        if "request" in child:
            return child, child.pop("request")
        del child["recipe"]
        return child, self._recipe(objects[0])

    def _recipe(self, recipe: object) -> int:
        self.objects.append(recipe)
        return len(self.objects) - 1

    def _append(self, child: dict[str, Any], made_from: Any) -> None:
        if self.groups and (self.groups[-1][0] is child or self.groups[-1][0] == child):
            self.groups[-1][1].append(made_from)
        else:
            self.groups.append((child, [made_from]))
