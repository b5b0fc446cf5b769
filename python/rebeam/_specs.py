"""Trees and children as plain data, which Elixir makes OTP's child specifications of
(lib/rebeam/trees.ex)."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from rebeam import _isolation, _items
from rebeam._arguments import described_name
from rebeam._child import Child, Item, as_child, check_significant
from rebeam._native import _type_version
from rebeam._recipe import Recipe
from rebeam._supervisor import DynamicSupervisor, Supervisor
from rebeam._trees import Tree


def describe_tree(tree: Tree, objects: list[object]) -> dict[str, Any]:
    """Plain data of a tree; what Elixir shall hold is appended to `objects`."""
    data = {
        "name": described_name(tree.name),
        "max_restarts": tree.max_restarts,
        "max_seconds": tree.max_seconds,
    }
    if isinstance(tree, DynamicSupervisor):
        return {**data, "dynamic": True, "max_children": tree.max_children}
    assert isinstance(tree, Supervisor)
    return {
        **data,
        "dynamic": False,
        "strategy": tree.strategy,
        "auto_shutdown": tree.auto_shutdown,
        "children": _describe_children(tree.children, objects),
    }


def _given(value: int | str | None, otherwise: int | str) -> int | str:
    """No time at all is a time, too."""
    return otherwise if value is None else value


def describe_child(each: Child, objects: list[object], taken: set[str]) -> dict[str, Any]:
    """Plain data of one child, with an id that is not in `taken`."""
    options = {**each.options, "name": described_name(each.options["name"])}
    options["own_id"] = options["id"] is not None
    options["id"] = _unique(options["id"] or _items.label(each.item), taken)
    if isinstance(each.item, Tree):
        options["restart"] = options["restart"] or "permanent"
        options["shutdown"] = _given(options["shutdown"], "infinity")
        tree = describe_tree(each.item, objects)
        tree["name"] = options["name"] or tree["name"]
        return {**options, "kind": "supervisor", "tree": tree}
    options["shutdown"] = _given(options["shutdown"], 5000)
    recipe = each.recipe()
    kind = recipe.kind if isinstance(recipe, Recipe) else "run"
    # Of a script it is known only now what it is.
    options["restart"] = options["restart"] or ("transient" if kind == "run" else "permanent")
    check_significant(options["significant"], options["restart"])
    options.update(kind=kind, isolation=options["isolation"] or _isolation.default())
    if options["isolation"] != "shared" or _isolation.inside():
        try:
            return {**options, **_isolation.describe(each.item, recipe)}
        except TypeError as error:
            # A server with its socket, say: the program works all the same with it where it is.
            if each.options["isolation"] is not None or _isolation.inside():
                raise
            options.update(isolation="shared", kept=str(error))
    objects.append(recipe)
    return {**options, "recipe": len(objects) - 1}


# Of classes: their version, and the data of a child that is one.
_classes: WeakKeyDictionary[type, tuple[int, dict[str, Any]]] = WeakKeyDictionary()


def describe_item(item: Item | Child, objects: list[object]) -> tuple[dict[str, Any], Child | None]:
    """Plain data of what is started at run time, and the child, unless it is a class that was
    described before: many start one by one."""
    if not isinstance(item, type):
        each = as_child(item)
        return describe_child(each, objects, set()), each
    version = _type_version(item)
    known = _classes.get(item)
    if known is None or known[0] != version or version == 0:
        each = as_child(item)
        described = describe_child(each, objects, set())
        if "recipe" in described:
            _classes[item] = version, described
        return described, each
    objects.append(Recipe(item))
    return known[1], None


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
