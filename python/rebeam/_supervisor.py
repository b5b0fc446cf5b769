"""Supervision trees, declared in Python, run by OTP's own supervisors."""

from __future__ import annotations

import os
import types
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, Literal, Union

from rebeam import _items, _outside
from rebeam._genpy import GenPy, Recipe

ONE_FOR_ONE: Final = "one_for_one"
ONE_FOR_ALL: Final = "one_for_all"
REST_FOR_ONE: Final = "rest_for_one"

_STRATEGIES = (ONE_FOR_ONE, ONE_FOR_ALL, REST_FOR_ONE)
_RESTARTS = ("permanent", "transient", "temporary")

Item = Union[
    GenPy, type[GenPy], Callable[[], object], types.ModuleType, str, os.PathLike[str], "Supervisor"
]
Strategy = Literal["one_for_one", "one_for_all", "rest_for_one"]
Restart = Literal["permanent", "transient", "temporary"]
Shutdown = float | Literal["brutal_kill", "infinity"]


class Child:
    """An item with how it is supervised. Made by `child`."""

    def __init__(self, item: Item, options: dict[str, Any]) -> None:
        self.item = item
        self.options = options

    def __repr__(self) -> str:
        return f"child({self.item!r})"


def child(
    item: Item,
    id: str | None = None,
    name: str | None = None,
    restart: Restart = "permanent",
    shutdown: Shutdown | None = None,
    significant: bool = False,
) -> Child:
    """Says how an item is supervised.

    id: shown in logs and `which_children`, unique in its supervisor; name: registered
    for the process; restart: "permanent" (always), "transient" (after a failure) or
    "temporary" (never); shutdown: seconds for an orderly end (default 5.0; a
    supervisor's is "infinity"), "brutal_kill" or "infinity"; significant: when this
    child ends for good, its supervisor ends the others and itself.
    """
    if restart not in _RESTARTS:
        raise ValueError(f"restart must be one of {', '.join(_RESTARTS)}, not {restart!r}")
    if significant and restart == "permanent":
        raise ValueError(
            "a significant child ends its supervisor when it ends, so it must be "
            "restart='transient' or 'temporary'"
        )
    return Child(
        item,
        {
            "id": _text(id, "id"),
            "name": _text(name, "name"),
            "restart": restart,
            "shutdown": _shutdown(shutdown),
            "significant": bool(significant),
        },
    )


class Supervisor:
    """A supervisor of the items in `modules`, started in that order.

    strategy: ONE_FOR_ONE, ONE_FOR_ALL or REST_FOR_ONE. More than `max_restarts`
    restarts within `max_seconds` seconds end it. One that is in no other's `modules`
    is started when the script's body has ended.
    """

    _made: ClassVar[list[Supervisor]] = []

    def __init__(
        self,
        modules: Iterable[Item | Child] = (),
        strategy: Strategy = ONE_FOR_ONE,
        max_restarts: int = 3,
        max_seconds: int = 5,
        name: str | None = None,
    ) -> None:
        _outside.require(type(self).__name__)
        if strategy not in _STRATEGIES:
            raise ValueError(f"strategy must be one of {', '.join(_STRATEGIES)}, not {strategy!r}")
        if isinstance(modules, (str, GenPy, Supervisor)) or not isinstance(modules, Iterable):
            raise TypeError(f"modules must be a list of items, not {modules!r}")
        self.strategy = strategy
        self.max_restarts = _count(max_restarts, "max_restarts", 0)
        self.max_seconds = _count(max_seconds, "max_seconds", 1)
        self.name = _text(name, "name")
        self.children = [_as_child(each) for each in modules]
        _check_ids(self.children)
        for each in self.children:
            claim(each.item)
        Supervisor._made.append(self)

    def __repr__(self) -> str:
        return f"Supervisor({len(self.children)} children, strategy={self.strategy!r})"


def claim(item: object) -> None:
    """Somebody else starts it: it is none of the trees that the script's end starts."""
    if isinstance(item, Supervisor) and item in Supervisor._made:
        Supervisor._made.remove(item)


def take_made() -> list[Supervisor]:
    """The supervisors that are in no other's list, in the order they were made; forgets them."""
    made, Supervisor._made = Supervisor._made, []
    return made


# ---- what Elixir gets (lib/rebeam/trees.ex) -----------------------------------------


def describe_tree(tree: Supervisor, objects: list[object]) -> dict[str, Any]:
    """Plain data of a tree; what Elixir shall hold is appended to `objects`."""
    return {
        "strategy": tree.strategy,
        "max_restarts": tree.max_restarts,
        "max_seconds": tree.max_seconds,
        "name": tree.name,
        "children": _describe_children(tree.children, objects),
    }


def describe_child(each: Child, objects: list[object], taken: set[str]) -> dict[str, Any]:
    """Plain data of one child, with an id that is not in `taken`."""
    options = dict(each.options)
    options["id"] = _unique(options["id"] or _items.label(each.item), taken)
    if isinstance(each.item, Supervisor):
        options["shutdown"] = options["shutdown"] or "infinity"
        tree = describe_tree(each.item, objects)
        tree["name"] = options["name"] or tree["name"]
        return {**options, "kind": "supervisor", "tree": tree}
    options["shutdown"] = options["shutdown"] or 5000
    recipe = _items.recipe(each.item)
    objects.append(recipe)
    kind = "actor" if isinstance(recipe, Recipe) else "run"
    return {**options, "kind": kind, "recipe": len(objects) - 1}


def _describe_children(children: list[Child], objects: list[object]) -> list[dict[str, Any]]:
    taken = {each.options["id"] for each in children if each.options["id"]}
    described = []
    for each in children:
        own = {each.options["id"]} if each.options["id"] else set()
        described.append(describe_child(each, objects, taken - own))
        taken.add(described[-1]["id"])
    return described


def _unique(wanted: str, taken: set[str]) -> str:
    number, unique = 2, wanted
    while unique in taken:
        unique, number = f"{wanted}#{number}", number + 1
    return unique


# ---- checks ---------------------------------------------------------------------------


def _as_child(item: Item | Child) -> Child:
    each = item if isinstance(item, Child) else child(item)
    _items.check(each.item)
    return each


def _check_ids(children: list[Child]) -> None:
    seen: set[str] = set()
    for each in children:
        given = each.options["id"]
        if given in seen:
            raise ValueError(f"two children have the id {given!r}")
        if given:
            seen.add(given)


def _text(value: str | None, what: str) -> str | None:
    if value is not None and (not isinstance(value, str) or not value):
        raise TypeError(f"{what} must be a non-empty str, not {value!r}")
    return value


def _count(value: int, what: str, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{what} must be a whole number from {least} on, not {value!r}")
    return value


def _shutdown(value: float | str | None) -> int | str | None:
    """Milliseconds, or one of OTP's words."""
    if value is None or value in ("brutal_kill", "infinity"):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return int(value * 1000)
    raise ValueError(f"shutdown must be seconds, 'brutal_kill' or 'infinity', not {value!r}")
