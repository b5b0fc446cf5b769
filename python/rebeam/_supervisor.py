"""Supervision trees, declared in Python, run by OTP's own supervisors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from rebeam import _preferred
from rebeam._addresses import GlobalName, Via
from rebeam._arguments import one_of, whole
from rebeam._child import Child, Item, as_child
from rebeam._engine import outside
from rebeam._genpy import GenPy
from rebeam._trees import Tree, add_made, claim

ONE_FOR_ONE: Final = "one_for_one"
ONE_FOR_ALL: Final = "one_for_all"
REST_FOR_ONE: Final = "rest_for_one"

_STRATEGIES = (ONE_FOR_ONE, ONE_FOR_ALL, REST_FOR_ONE)
_AUTO_SHUTDOWNS = ("never", "any_significant", "all_significant")

Strategy = Literal["one_for_one", "one_for_all", "rest_for_one"]
AutoShutdown = Literal["never", "any_significant", "all_significant"]


class Supervisor(Tree):
    """A supervisor of the items in `modules`, started in that order.

    strategy: ONE_FOR_ONE, ONE_FOR_ALL or REST_FOR_ONE; None is what was asked for where the
    script was started, else ONE_FOR_ONE. More than `max_restarts` restarts within `max_seconds`
    seconds end it. name: registered for its process.

    auto_shutdown: whether it ends, with all its children, when significant ones have ended
    for good: "never", "any_significant" (the first of them) or "all_significant" (the last
    of them). None is "any_significant" if a child in `modules` is significant, else "never".

    One that is in no other's `modules`, nor given to `start_child` or
    `run_register_process`, is started when the script's body has ended. In a `with` statement it
    runs for the length of the block, and ends in order behind it:

        with Supervisor([child(Counter, name="counter")]) as sup:
            print(ask("counter", "add", 2), which_children(sup))
    """

    def __init__(
        self,
        modules: Iterable[Item | Child] = (),
        strategy: Strategy | None = None,
        max_restarts: int = 3,
        max_seconds: int = 5,
        name: str | GlobalName | Via | None = None,
        auto_shutdown: AutoShutdown | None = None,
    ) -> None:
        outside.require(type(self).__name__)
        if isinstance(modules, (str, GenPy, Tree)) or not isinstance(modules, Iterable):
            raise TypeError(
                f"modules must be a list of items, not {modules!r}: "
                f"write {type(self).__name__}([...])"
            )
        preferred = _preferred.now()
        asked = strategy if strategy is not None else preferred.strategy or ONE_FOR_ONE
        asked = one_of(asked, "strategy", _STRATEGIES)
        super().__init__(name, max_restarts, max_seconds)
        self.strategy = asked
        self.children = [as_child(each) for each in modules]
        _check_ids(self.children)
        self.auto_shutdown = _auto_shutdown(auto_shutdown, self.children)
        for each in self.children:
            claim(each.item)
            if each.options["isolation"] is None and not isinstance(each.item, Tree):
                each.options["isolation"] = preferred.isolation
        add_made(self)

    def __repr__(self) -> str:
        return f"Supervisor({len(self.children)} children, strategy={self.strategy!r})"


class DynamicSupervisor(Tree):
    """A supervisor of children that are added and ended at run time, with `start_child`
    and `terminate_child`: any number of them, each for itself, as in Elixir.

    name: registered for its process. max_children: how many there may be at once, None for
    any number; `start_child` of one more is a RuntimeError. More than `max_restarts`
    restarts of all together within `max_seconds` seconds end it. It stands where a
    `Supervisor` may: in another's `modules`, by itself, in `run_register_process`, in `with`.
    """

    def __init__(
        self,
        name: str | GlobalName | Via | None = None,
        max_children: int | None = None,
        max_restarts: int = 3,
        max_seconds: int = 5,
    ) -> None:
        outside.require(type(self).__name__)
        if isinstance(name, (list, tuple)):
            raise TypeError(
                "a DynamicSupervisor begins without children: start_child(supervisor, item) adds "
                "one, start_children(supervisor, items) many"
            )
        super().__init__(name, max_restarts, max_seconds)
        self.max_children = None if max_children is None else whole(max_children, "max_children", 0)
        add_made(self)

    def __repr__(self) -> str:
        return f"DynamicSupervisor(name={self.name!r})"


def _check_ids(children: list[Child]) -> None:
    seen: set[str] = set()
    for each in children:
        given = each.options["id"]
        if given in seen:
            raise ValueError(f"two children have the id {given!r}")
        if given:
            seen.add(given)


def _auto_shutdown(value: str | None, children: list[Child]) -> str:
    significant = [each for each in children if each.options["significant"]]
    if value is None:
        return "any_significant" if significant else "never"
    known: str = one_of(value, "auto_shutdown", _AUTO_SHUTDOWNS)
    if known == "never" and significant:
        raise ValueError(f"auto_shutdown is 'never', but {significant[0]!r} is significant")
    return known
