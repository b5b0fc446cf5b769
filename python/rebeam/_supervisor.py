"""Supervision trees, declared in Python, run by OTP's own supervisors."""

from __future__ import annotations

import copy
import math
import os
import types
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, Literal, Union

from rebeam import _items
from rebeam._engine import outside
from rebeam._genpy import GenPy, Recipe
from rebeam._program import units

ONE_FOR_ONE: Final = "one_for_one"
ONE_FOR_ALL: Final = "one_for_all"
REST_FOR_ONE: Final = "rest_for_one"

_STRATEGIES = (ONE_FOR_ONE, ONE_FOR_ALL, REST_FOR_ONE)
_RESTARTS = ("permanent", "transient", "temporary")
_AUTO_SHUTDOWNS = ("never", "any_significant", "all_significant")

# A doubled back-off grows up to this, in seconds.
_LONGEST_BACKOFF = 60.0

Item = Union[
    GenPy, type[GenPy], Callable[[], object], types.ModuleType, str, os.PathLike[str], "Tree"
]
Strategy = Literal["one_for_one", "one_for_all", "rest_for_one"]
Restart = Literal["permanent", "transient", "temporary"]
Isolation = Literal["shared", "interpreter", "process"]
Shutdown = float | Literal["brutal_kill", "infinity"]
AutoShutdown = Literal["never", "any_significant", "all_significant"]


class Child:
    """An item with how it is supervised. Made by `child`."""

    def __init__(self, item: Item, options: dict[str, Any]) -> None:
        self.item = item
        self.options = options
        # Started more than once, it gives the instance to the first and makes fresh ones.
        fresh = options.get("thread") is not None
        self._recipe: Any = Recipe(item, fresh) if isinstance(item, GenPy) else None

    def recipe(self) -> Any:
        """What Elixir holds for the item, see `_items.recipe`."""
        if self._recipe is None:
            self._recipe = _items.recipe(self.item)
        if self.options.get("thread") is not None:
            _items.check_thread(self._recipe)
        return self._recipe

    def named(self, name: str) -> Child:
        """The same, registered under `name`."""
        other = copy.copy(self)
        other.options = {**self.options, "name": _text(name, "name")}
        return other

    def __repr__(self) -> str:
        return f"child({self.item!r})"


def child(
    item: Item,
    id: str | None = None,
    name: str | None = None,
    restart: Restart = "permanent",
    shutdown: Shutdown | None = None,
    significant: bool = False,
    isolation: Isolation | None = None,
    backoff: float | tuple[float, float] | None = None,
    thread: Literal["dedicated"] | None = None,
) -> Child:
    """Says how an item is supervised.

    id: shown in logs and `which_children`, unique in its supervisor; name: registered
    for the process; restart: "permanent" (always), "transient" (after a failure) or
    "temporary" (never); shutdown: seconds for an orderly end (default 5.0; a
    supervisor's is "infinity"), "brutal_kill" or "infinity"; significant: when this
    child ends for good, its supervisor may end the others and itself, see `Supervisor`.

    isolation: where its Python runs. "shared" is the main interpreter; "interpreter" one of
    several sub-interpreters, each with a GIL of its own (CPython 3.12 or newer); "process" one
    of several OS processes. None is what `--isolation` says, else "shared". In the last two the
    instance is made anew from its class and arguments, which are sent, as are functions by their
    name. When the OS process of a unit ends, its actors crash with reason "noconnection" and
    start again in another. For actors and functions: TypeError for a supervisor.

    backoff: seconds from a crash to the new start, or (seconds, longest). Each restart in
    a row waits twice as long as the one before, up to `longest` (60 s); once the child ran
    for more than `longest`, the row begins anew. Meanwhile its supervisor and the other
    children go on, its name is not registered, and a shutdown does not wait for it. It
    does not apply to the first start, nor after the supervisor itself ended the child
    (`restart_child`, ONE_FOR_ALL). The restart counts for `max_restarts` when the crash
    happens. Actors and functions only: TypeError for a supervisor.

    thread: "dedicated" runs all code of the actor, or of the function, on one OS thread that no
    other has: its constructor, `@start`, handlers and `@stop`. For what belongs to its thread:
    sqlite3 connections, GUI toolkits. Its code still suspends; the thread rests meanwhile. It ends
    with the actor, a restart has a new one. Of an instance, the class and the arguments count: the
    actor is made anew, on its thread. TypeError for `async def` handlers, which run in the thread
    of the event loop.
    """
    if restart not in _RESTARTS:
        raise ValueError(f"restart must be one of {', '.join(_RESTARTS)}, not {restart!r}")
    if significant and restart == "permanent":
        raise ValueError(
            "a significant child ends its supervisor when it ends, so it must be "
            "restart='transient' or 'temporary'"
        )
    delays = _backoff(backoff)
    if delays and isinstance(item, Tree):
        raise TypeError("backoff is for actors and functions: give it to a supervisor's children")
    if delays and restart == "temporary":
        raise ValueError("backoff is for restarts, and a temporary child has none")
    if isolation is not None and isolation not in units.ISOLATIONS:
        known = ", ".join(units.ISOLATIONS)
        raise ValueError(f"isolation must be one of {known}, not {isolation!r}")
    if isolation is not None and isinstance(item, Tree):
        raise TypeError("isolation is for actors and functions: give it to a supervisor's children")
    _check_thread(thread, item)
    return Child(
        item,
        {
            "id": _text(id, "id"),
            "name": _text(name, "name"),
            "restart": restart,
            "shutdown": _shutdown(shutdown),
            "significant": bool(significant),
            "backoff": delays,
            "isolation": isolation,
            "thread": thread,
        },
    )


class Tree:
    """What the two kinds of supervisors have in common."""

    # Those that are in no other's list, in the order they were made.
    _made: ClassVar[list[Tree]] = []

    def __init__(self, name: str | None, max_restarts: int, max_seconds: int) -> None:
        self.name = _text(name, "name")
        self.max_restarts = _count(max_restarts, "max_restarts", 0)
        self.max_seconds = _count(max_seconds, "max_seconds", 1)


class Supervisor(Tree):
    """A supervisor of the items in `modules`, started in that order.

    strategy: ONE_FOR_ONE, ONE_FOR_ALL or REST_FOR_ONE. More than `max_restarts`
    restarts within `max_seconds` seconds end it. name: registered for its process.

    auto_shutdown: whether it ends, with all its children, when significant ones have ended
    for good: "never", "any_significant" (the first of them) or "all_significant" (the last
    of them). None is "any_significant" if a child in `modules` is significant, else "never".

    One that is in no other's `modules`, nor given to `start_child` or
    `run_register_process`, is started when the script's body has ended.
    """

    def __init__(
        self,
        modules: Iterable[Item | Child] = (),
        strategy: Strategy = ONE_FOR_ONE,
        max_restarts: int = 3,
        max_seconds: int = 5,
        name: str | None = None,
        auto_shutdown: AutoShutdown | None = None,
    ) -> None:
        outside.require(type(self).__name__)
        if strategy not in _STRATEGIES:
            raise ValueError(f"strategy must be one of {', '.join(_STRATEGIES)}, not {strategy!r}")
        if isinstance(modules, (str, GenPy, Tree)) or not isinstance(modules, Iterable):
            raise TypeError(f"modules must be a list of items, not {modules!r}")
        super().__init__(name, max_restarts, max_seconds)
        self.strategy = strategy
        self.children = [as_child(each) for each in modules]
        _check_ids(self.children)
        self.auto_shutdown = _auto_shutdown(auto_shutdown, self.children)
        for each in self.children:
            claim(each.item)
        Tree._made.append(self)

    def __repr__(self) -> str:
        return f"Supervisor({len(self.children)} children, strategy={self.strategy!r})"


class DynamicSupervisor(Tree):
    """A supervisor of children that are added and ended at run time, with `start_child`
    and `terminate_child`: any number of them, each for itself, as in Elixir.

    name: registered for its process. max_children: how many there may be at once, None for
    any number; `start_child` of one more is a RuntimeError. More than `max_restarts`
    restarts of all together within `max_seconds` seconds end it. It stands where a
    `Supervisor` may: in another's `modules`, by itself, in `run_register_process`.
    """

    def __init__(
        self,
        name: str | None = None,
        max_children: int | None = None,
        max_restarts: int = 3,
        max_seconds: int = 5,
    ) -> None:
        outside.require(type(self).__name__)
        super().__init__(name, max_restarts, max_seconds)
        self.max_children = (
            None if max_children is None else _count(max_children, "max_children", 0)
        )
        Tree._made.append(self)

    def __repr__(self) -> str:
        return f"DynamicSupervisor(name={self.name!r})"


def claim(item: object) -> None:
    """Somebody else starts it: it is none of the trees that the script's end starts."""
    if isinstance(item, Tree) and item in Tree._made:
        Tree._made.remove(item)


def any_made() -> bool:
    """True if there are trees to be started at the script's end."""
    return bool(Tree._made)


def take_made() -> list[Tree]:
    """The supervisors that are in no other's list, in the order they were made; forgets them."""
    made = list(Tree._made)
    Tree._made.clear()
    return made


# ---- what Elixir gets (lib/rebeam/trees.ex) -----------------------------------------


def describe_tree(tree: Tree, objects: list[object]) -> dict[str, Any]:
    """Plain data of a tree; what Elixir shall hold is appended to `objects`."""
    data = {
        "name": tree.name,
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


def describe_child(each: Child, objects: list[object], taken: set[str]) -> dict[str, Any]:
    """Plain data of one child, with an id that is not in `taken`."""
    options = dict(each.options)
    options["own_id"] = options["id"] is not None
    options["id"] = _unique(options["id"] or _items.label(each.item), taken)
    if isinstance(each.item, Tree):
        options["shutdown"] = options["shutdown"] or "infinity"
        tree = describe_tree(each.item, objects)
        tree["name"] = options["name"] or tree["name"]
        return {**options, "kind": "supervisor", "tree": tree}
    options["shutdown"] = options["shutdown"] or 5000
    recipe = each.recipe()
    kind = recipe.kind if isinstance(recipe, Recipe) else "run"
    options.update(kind=kind, isolation=options["isolation"] or units.default())
    if options["isolation"] != "shared" or units.inside():
        try:
            return {**options, **units.describe(each.item, recipe)}
        except TypeError as error:
            # A server with its socket, say: the program works all the same with it where it is.
            if each.options["isolation"] is not None or units.inside():
                raise
            options.update(isolation="shared", kept=str(error))
    objects.append(recipe)
    return {**options, "recipe": len(objects) - 1}


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


def as_child(item: Item | Child) -> Child:
    """TypeError or FileNotFoundError if it is no item."""
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


def _check_thread(value: str | None, item: object) -> None:
    if value not in (None, "dedicated"):
        raise ValueError(f"thread must be 'dedicated' or None, not {value!r}")
    if value is not None:
        if isinstance(item, Tree):
            raise TypeError("thread is for actors and functions: give it to its children")
        _items.check_thread(item)


def _auto_shutdown(value: str | None, children: list[Child]) -> str:
    significant = [each for each in children if each.options["significant"]]
    if value is None:
        return "any_significant" if significant else "never"
    if value not in _AUTO_SHUTDOWNS:
        known = ", ".join(_AUTO_SHUTDOWNS)
        raise ValueError(f"auto_shutdown must be one of {known}, not {value!r}")
    if value == "never" and significant:
        raise ValueError(f"auto_shutdown is 'never', but {significant[0]!r} is significant")
    return value


def _backoff(value: float | tuple[float, float] | None) -> list[int] | None:
    """The first and the longest delay in milliseconds."""
    if value is None:
        return None
    if isinstance(value, tuple):
        delays = value
    else:
        delays = (value, max(_LONGEST_BACKOFF, value) if _is_delay(value) else 0.0)
    if len(delays) != 2 or not all(map(_is_delay, delays)) or delays[0] > delays[1]:
        raise ValueError(
            f"backoff must be seconds, or (seconds, longest) with longest no less, not {value!r}"
        )
    return [math.ceil(each * 1000) for each in delays]


def _is_delay(value: object) -> bool:
    """Positive seconds of less than a month: what a timer counts."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0 < value < 2_592_000  # type: ignore[operator]
