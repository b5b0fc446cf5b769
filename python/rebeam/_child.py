"""Items, and how they are supervised: what `child` makes of both."""

from __future__ import annotations

import copy
import os
import types
from collections.abc import Callable
from typing import Any, Literal

from rebeam import _items
from rebeam._addresses import GlobalName, Via
from rebeam._arguments import (
    is_number,
    milliseconds,
    name_or_address,
    name_or_none,
    node_name,
    one_of,
    text,
    word,
)
from rebeam._engine import outside
from rebeam._genpy import GenPy
from rebeam._isolation import ISOLATIONS, request
from rebeam._recipe import Recipe
from rebeam._trees import Tree

_RESTARTS = ("permanent", "transient", "temporary")

# A doubled back-off grows up to this, in seconds.
_LONGEST_BACKOFF = 60.0

Item = GenPy | type[GenPy] | Callable[[], object] | types.ModuleType | str | os.PathLike[str] | Tree
Restart = Literal["permanent", "transient", "temporary"]
Isolation = Literal["shared", "interpreter", "process"]
Shutdown = float | Literal["brutal_kill", "infinity"]


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

    def named(self, name: str | GlobalName | Via) -> Child:
        """The same, registered under `name`."""
        other = copy.copy(self)
        other.options = {**self.options, "name": name_or_address(name, "name")}
        return other

    def placed(self, node: str) -> Child:
        """The same on the worker machine of that name."""
        isolation = _placed(self.options["isolation"], node, self.options["where"], self.item)
        other = copy.copy(self)
        other.options = {**self.options, "isolation": isolation, "node": node}
        return other

    def __repr__(self) -> str:
        return f"child({self.item!r})"


def child(
    item: Item,
    id: str | None = None,
    name: str | GlobalName | Via | None = None,
    restart: Restart | None = None,
    shutdown: Shutdown | None = None,
    significant: bool = False,
    isolation: Isolation | None = None,
    backoff: float | tuple[float, float] | None = None,
    thread: Literal["dedicated"] | None = None,
    once: Literal["cluster"] | None = None,
    node: str | None = None,
    where: str | None = None,
) -> Child:
    """Says how an item is supervised.

    item: a GenPy instance or class, a function (with arguments: `functools.partial(f, 1)`), a
    module, the path of a script, or a supervisor.

    id: shown in logs and `which_children`, unique in its supervisor; name: registered for the
    process, in the program, in the cluster (GlobalName) or in a registry (Via); restart:
    "permanent" (always), "transient" (after a failure) or "temporary" (never). By default a
    function or module is "transient": it is done when it returns; actors and supervisors are
    "permanent". shutdown: seconds for an orderly end (default 5.0; a supervisor's is "infinity"),
    "brutal_kill" or "infinity"; significant: when this child ends for good, its supervisor may end
    the others and itself, see `Supervisor`.

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

    once: "cluster": of the children with that name in the cluster (GlobalName), else with that id,
    that the supervisors of all nodes have, one runs; the others stand by, and one of them runs it
    when that node has ended or is split off from the majority, where it is ended in order. The
    supervisor does not wait for its start, and a split is no crash. What is done (a function that
    returned) ends on all nodes that are there. Actors and functions only: TypeError for a
    supervisor.

    node, where: on which machine, where worker machines have joined (`rebeam join`): that of a
    name, "NAME@HOST", which may be this program's own; or any that has that label. Its isolation is
    "process", and it goes to the unit with the fewest actors there. While there is no such machine,
    the child waits: its supervisor goes on, and `which_children` says "waiting"; what is started at
    run time fails with RuntimeError instead. ValueError for both of them, and for another
    isolation; TypeError for a supervisor.
    """
    item = _items.plain(item)
    if restart is not None:
        restart = one_of(restart, "restart", _RESTARTS)
    lasts = isinstance(item, (GenPy, Tree)) or _items.is_actor_class(item)
    check_significant(significant, restart or ("permanent" if lasts else "transient"))
    delays = _backoff(backoff)
    if delays and isinstance(item, Tree):
        raise TypeError("backoff is for actors and functions: give it to a supervisor's children")
    if delays and restart == "temporary":
        raise ValueError("backoff is for restarts, and a temporary child has none")
    if isolation is not None:
        isolation = one_of(isolation, "isolation", ISOLATIONS)
    if isolation is not None and isinstance(item, Tree):
        raise TypeError("isolation is for actors and functions: give it to a supervisor's children")
    isolation = _placed(isolation, node, where, item)
    thread = _thread(thread, item)
    _check_once(once, item, name)
    _items.check_arguments(item)
    made = Child(
        item,
        {
            "id": name_or_none(id, "id"),
            "name": name_or_address(name, "name"),
            "restart": restart,
            "shutdown": _shutdown(shutdown),
            "significant": bool(significant),
            "backoff": delays,
            "isolation": isolation,
            "thread": thread,
            "once": once is not None,
            "node": node,
            "where": where,
        },
    )
    sent = outside.INSIDE and not isinstance(item, (str, os.PathLike))
    if sent and isolation not in (None, "shared"):
        _items.check(item)
        request(item, made.recipe())  # the line that asks for it hears of what cannot go there
    return made


def as_child(item: Item | Child) -> Child:
    """TypeError or FileNotFoundError if it is no item."""
    each = item if isinstance(item, Child) else child(item)
    _items.check(each.item)
    return each


# ---- checks ---------------------------------------------------------------------------


def check_significant(significant: bool, restart: str) -> None:
    """ValueError for one that would be started again when it ends, as its supervisor does."""
    if significant and restart == "permanent":
        raise ValueError(
            "a significant child ends its supervisor when it ends, so it must be "
            "restart='transient' or 'temporary'"
        )


def _shutdown(value: float | str | None) -> int | str | None:
    """Milliseconds, or one of OTP's words."""
    known: str | None = word(value, ("brutal_kill", "infinity"))
    if value is None or known is not None:
        return known
    if is_number(value) and value >= 0:
        return milliseconds(value)
    raise ValueError(f"shutdown must be seconds, 'brutal_kill' or 'infinity', not {value!r}")


def _thread(value: str | None, item: object) -> Any:
    if value is None:
        return None
    known = word(value, ("dedicated",))
    if known is None:
        raise ValueError(f"thread must be 'dedicated' or None, not {value!r}")
    if isinstance(item, Tree):
        raise TypeError("thread is for actors and functions: give it to its children")
    _items.check_thread(item)
    return known


def _placed(isolation: Any, node: str | None, where: str | None, item: object) -> Any:
    """The isolation of what may be for certain machines alone."""
    if node is None and where is None:
        return isolation
    if node is not None and where is not None:
        raise ValueError("a child has node= or where=, not both: a node is one machine")
    if isinstance(item, Tree):
        raise TypeError("node and where are for actors and functions: give them to its children")
    if isolation not in (None, "process"):
        raise ValueError(f"node and where are for isolation='process', not {isolation!r}")
    if node is not None:
        node_name(node)
    elif where is not None and not text(where, "where"):
        raise ValueError("where is the label of a machine, not ''")
    return "process"


def _check_once(value: str | None, item: object, name: object) -> None:
    if value is None:
        return
    if word(value, ("cluster",)) is None:
        raise ValueError(f"once must be 'cluster' or None, not {value!r}")
    if isinstance(item, Tree):
        raise TypeError("once is for actors and functions: give it to a supervisor's children")
    if isinstance(name, GlobalName) and name.split not in (None, "majority"):
        raise ValueError(
            f"a child with once='cluster' belongs to the majority, not to split={name.split!r}"
        )


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
    return [milliseconds(each) for each in delays]


def _is_delay(value: object) -> bool:
    """Positive seconds of less than a month: what a timer counts."""
    return is_number(value) and 0 < value < 2_592_000
