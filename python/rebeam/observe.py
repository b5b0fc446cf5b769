"""Looking into the program that runs: what its actors are at, and what went wrong.

    >>> from rebeam import observe
    >>> print(observe.actors())                  # the busiest ones
    >>> print(observe.tree())                    # supervisors and children
    >>> print(observe.waits())                   # who waits for whom, cycles marked
    >>> print(observe.stack("orders"))           # lines and locals, of suspended code too

All of it tells of the whole program, its units included, from wherever it is asked. Nothing is
stopped, and what but `stack` tells is known without Python: it answers also while Python's
interpreter is busy. Results are plain lists and dataclasses, and `str()` of a result is a text for
people. Times are in seconds, memory in bytes.

All functions suspend the actor that calls them; a plain thread waits. RuntimeError if the main node
of the program does not answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from rebeam import _arguments
from rebeam._native import Packed, ProcessID, Target, _op, unpack

__all__ = [
    "ActorInfo",
    "ActorStack",
    "ClassInfo",
    "Crash",
    "Entry",
    "Event",
    "Frame",
    "Info",
    "Listing",
    "Metric",
    "Stack",
    "Wait",
    "actors",
    "classes",
    "crashes",
    "info",
    "metrics",
    "stack",
    "trace",
    "tree",
    "waits",
]

Sort = Literal["load", "rate", "queue", "messages", "busy", "age", "memory", "restarts"]
_SORTS = ("load", "rate", "queue", "messages", "busy", "age", "memory", "restarts")

_T = TypeVar("_T")


class Listing(list[_T], Generic[_T]):
    """A list whose `str()` is a text for people: a table, or a tree."""

    def __init__(self, items: list[_T], text: str) -> None:
        super().__init__(items)
        self._text = text

    def __str__(self) -> str:
        return self._text


# ---- actors --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActorInfo:
    """One actor, function under supervision, or script, as it is now.

    name: its registered name; id: what its supervisor calls it; cls: its class or function, with
    the module unless that is the script; kind: "actor", "machine", "function", "script"; unit:
    "shared", or such as "process 2" and "interpreter 1".

    state: "idle", "running", "waiting", or "blocked", which is to wait and keep a thread; since:
    for how long. work: what it is at ("call", "cast", "info", "start", ...; "run" of a function),
    subject: of which message, caller: who sent it, age: for how long. waits_for: "call",
    "operation" (of the runtime), "sleep" or "python" (asyncio); target: whom it has called.

    queue: messages that wait; messages: handled since its start; rate: a second, of late; busy:
    seconds on a thread since its start; load: the part of the time, of late, from 0 to 1; memory:
    of its process, Python's objects not included; restarts: how often its supervisor has started
    it again as it had failed.
    """

    pid: ProcessID
    name: str | None
    id: str | None
    cls: str | None
    kind: str | None
    unit: str
    state: str
    since: float
    work: str | None
    subject: str | None
    caller: ProcessID | None
    age: float | None
    waits_for: str | None
    target: ProcessID | None
    queue: int
    messages: int
    rate: float
    busy: float
    load: float
    memory: int
    restarts: int
    supervisor: ProcessID | None


@dataclass(frozen=True)
class ClassInfo:
    """All actors of one class, or runs of one function, together: see `ActorInfo`."""

    cls: str
    kind: str | None
    count: int
    running: int
    waiting: int
    queue: int
    messages: int
    rate: float
    busy: float
    load: float
    units: tuple[str, ...]


def actors(sort: Sort = "load", limit: int = 20) -> Listing[ActorInfo]:
    """The first actors of the program, the highest first, by what `sort` names of `ActorInfo`:
    "load" and "rate" are of late, "messages" and "busy" since they began, "age" is that of the
    present work.

    The first look takes a quarter of a second, to see what happens meanwhile. ValueError for
    another word, TypeError or ValueError for a limit that is no number above 0. Suspends.
    """
    order = _arguments.one_of(sort, "sort", _SORTS)
    rows, text = _op("observe.actors", order, _number(limit, "limit"))
    return Listing([_actor(row) for row in rows], text)


def classes() -> Listing[ClassInfo]:
    """What the actors of each class do together, the busiest first. Suspends."""
    rows, text = _op("observe.classes")
    found = [ClassInfo(**{**_with_cls(row), "units": tuple(row["units"])}) for row in rows]
    return Listing(found, text)


def _with_cls(row: dict[str, Any]) -> dict[str, Any]:
    return {"cls" if key == "class" else key: value for key, value in row.items()}


def _actor(row: dict[str, Any]) -> ActorInfo:
    return ActorInfo(**_with_cls(row))


def _number(value: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{what} must be a whole number, not {value!r}")
    if value < 1:
        raise ValueError(f"{what} must be at least 1, not {value!r}")
    return min(int(value), 10**9)


# ---- trees ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A supervisor with its children, or a child.

    kind: "supervisor" or "worker"; state: "running", "restarting", "stopped", or "busy" of a
    supervisor that starts or ends a child; strategy: of a supervisor ("dynamic" for a
    DynamicSupervisor; None for one that is no script's); count: how many children it has,
    children: the first of them; actor: None unless it is an actor or a function that runs.
    """

    id: str
    pid: ProcessID | None
    kind: str
    state: str
    restarts: int
    strategy: str | None
    count: int
    children: tuple[Entry, ...]
    actor: ActorInfo | None


def tree(limit: int = 100) -> Listing[Entry]:
    """The supervision trees of the program's scripts, then what was started outside of them.

    limit: how many children of each supervisor are told of. Suspends.
    """
    entries, text = _op("observe.tree", _number(limit, "limit"))
    return Listing([_entry(each) for each in entries], text)


def _entry(each: dict[str, Any]) -> Entry:
    actor = each.get("actor")
    return Entry(
        id=each["id"],
        pid=each["pid"],
        kind=each["type"],
        state=each["state"],
        restarts=each["restarts"],
        strategy=each.get("strategy"),
        count=each.get("count", 0),
        children=tuple(_entry(child) for child in each.get("children", ())),
        actor=None if actor is None else _actor(actor),
    )


# ---- waits and crashes ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Wait:
    """One waits for an answer of another, for so long. What is no actor (a thread's process, one of
    Elixir's) is told by its id alone, and a name that nobody has by that. cycle: the waits lead
    back to the waiter, so that none of them ends before its time."""

    waiter: ActorInfo | ProcessID
    target: ActorInfo | ProcessID | str
    since: float
    cycle: bool


def waits(limit: int = 100) -> Listing[Wait]:
    """Who waits for whom: what is in cycles first, then the longest. Suspends."""
    found, text = _op("observe.waits", _number(limit, "limit"))
    made = [
        Wait(_who(each["waiter"]), _who(each["target"]), each["since"], each["cycle"])
        for each in found
    ]
    return Listing(made, text)


def _who(row: dict[str, Any]) -> Any:
    return _actor(row) if "class" in row else row["pid"] or row.get("name")


@dataclass(frozen=True)
class Crash:
    """One crash, or several that are alike: of the same actor, at the same place.

    who: the actor's name or class; pid: the last one; work and subject: what it was at; count: how
    often; first and last: when, in seconds as `time.time()` counts.
    """

    who: str
    pid: ProcessID
    reason: str
    traceback: str
    work: str | None
    subject: str | None
    count: int
    first: float
    last: float


def crashes(n: int = 20) -> Listing[Crash]:
    """The last crashes, the newest first. The program keeps a hundred. Suspends."""
    found, text = _op("observe.crashes", _number(n, "n"))
    made = [
        Crash(**{**each, "first": each["first"] / 1e6, "last": each["last"] / 1e6})
        for each in found
    ]
    return Listing(made, text)


# ---- one actor -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """One line of a stack: `text` is its source, `locals` the names there, each with its repr()."""

    file: str
    line: int
    function: str
    text: str
    locals: dict[str, str]


@dataclass(frozen=True)
class Stack:
    """Frames, the outermost first. task: "" for the code of the handler, else the asyncio task;
    running: it is on a thread now."""

    task: str
    running: bool
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class ActorStack:
    """An actor and where its code is. stacks: none while it is idle; None if that is not known, as
    code in C holds Python's interpreter. `str()` is a text for people."""

    actor: ActorInfo
    stacks: tuple[Stack, ...] | None
    text: str

    def __str__(self) -> str:
        return self.text


def stack(target: Target) -> ActorStack:
    """Where the code of an actor is, with lines and locals: running, waiting, or suspended however
    deep. It goes on meanwhile, so locals of running code may be of different moments; their
    `repr()` is called.

    target: as for `call`. LookupError if it is no actor of this program. Suspends, for two seconds
    at most while Python does not answer.
    """
    found, text = _op("observe.stack", _arguments.to(target))
    stacks = found["stacks"]
    known = None if stacks == "unknown" else tuple(_stack(*each) for each in stacks)
    return ActorStack(_actor(found["actor"]), known, text)


def _stack(task: str, running: bool, frames: list[Any]) -> Stack:
    made = (
        Frame(file, line, function, text, dict(names))
        for file, line, function, text, names in frames
    )
    return Stack(task, running, tuple(made))


@dataclass(frozen=True)
class Event:
    """One thing that an actor did, `at` so many seconds after the trace began.

    what: "call", "cast", "info", "start" and the like as it begins with that; "ask" and "got" for
    what it calls or waits for itself, and what came of that; "reply"; "raised"; "done". message: of
    these; of what is larger than 4 KiB, None. other: who sent it, or whom it asks. took: since it
    began with the message.
    """

    at: float
    what: str
    subject: str | None
    message: Any
    other: Any
    status: str | None
    took: float | None


def trace(target: Target, n: int = 10, timeout: float | None = 10.0) -> Listing[Event]:
    """What an actor does with its next `n` messages, those that never pass its process included,
    or within `timeout` seconds (None: however long that takes). An actor has one trace at a time:
    the next one ends it.

    target: as for `call`. LookupError if it is no actor of this program. Suspends.
    """
    limit = _arguments.time_limit(timeout, "timeout")
    found, text = _op("observe.trace", _arguments.to(target), _number(n, "n"), limit)
    return Listing(
        [Event(**{**each, "message": _message(each["message"])}) for each in found], text
    )


def _message(message: Any) -> Any:
    if isinstance(message, Packed):
        try:
            return unpack(message)
        except Exception as error:  # of a class that cannot be found here, perhaps
            return error
    return None


# ---- the whole -----------------------------------------------------------------------------------


class Info(dict[str, Any]):
    """What `info` returns: a dict whose `str()` is a text for people."""

    def __init__(self, items: dict[str, Any], text: str) -> None:
        super().__init__(items)
        self._text = text

    def __str__(self) -> str:
        return self._text


@dataclass(frozen=True)
class Metric:
    """One number of the program for machines, or several that differ by their labels.

    kind: "gauge", or "counter", which only grows while its unit lives; samples: (labels, value).
    """

    name: str
    kind: str
    help: str
    samples: tuple[tuple[dict[str, str], float], ...]


def metrics() -> Listing[Metric]:
    """What `--metrics` serves at /metrics, of the whole program. `str()` of it is that text, in the
    format that Prometheus reads. Suspends."""
    found, text = _op("observe.metrics")
    return Listing([_metric(each) for each in found], text)


def _metric(each: dict[str, Any]) -> Metric:
    samples = tuple((sample["labels"], sample["value"]) for sample in each["samples"])
    return Metric(each["name"], each["type"], each["help"], samples)


def info() -> Info:
    """The program in numbers: versions, nodes, memory, actors, messages, crashes. Suspends."""
    return Info(*_op("observe.info"))
