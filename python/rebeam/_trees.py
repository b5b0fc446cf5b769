"""What the two kinds of supervisors have in common, and which of them nobody has started."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rebeam._addresses import GlobalName, Via
from rebeam._arguments import name_or_address, whole
from rebeam._native import ProcessID

# Those that are in no other's list, in the order they were made.
_made: list[Tree] = []


class Tree:
    """A supervisor: its name, and how many restarts within how many seconds end it."""

    def __init__(
        self, name: str | GlobalName | Via | None, max_restarts: int, max_seconds: int
    ) -> None:
        self.name = name_or_address(name, "name")
        self.max_restarts = whole(max_restarts, "max_restarts", 0)
        self.max_seconds = whole(max_seconds, "max_seconds", 1)
        self._running: ProcessID | None = None

    # Of rebeam._children, which needs this module. The second says why the tree gave up, if it did.
    _start: ClassVar[Callable[[Tree], ProcessID]]
    _stop: ClassVar[Callable[[ProcessID], str | None]]

    def __enter__(self) -> ProcessID:
        """Runs the tree, right now, for the length of a `with` block; gives its process.

        RuntimeError with the traceback of a child that does not start, or if it runs already. Does
        not suspend: a thread waits.
        """
        if self._running is not None:
            raise RuntimeError(f"{self!r} runs already, in another block")
        self._running = Tree._start(self)
        return self._running

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Ends the tree in order. RuntimeError if it gave up before, unless the block raised."""
        pid, self._running = self._running, None
        assert pid is not None
        why = Tree._stop(pid)
        if why is not None and kind is None:
            raise RuntimeError(f"the supervision tree gave up: {why}")


def add_made(tree: Tree) -> None:
    """A tree to be started at the script's end, unless somebody else does."""
    _made.append(tree)


def claim(item: object) -> None:
    """Somebody else starts it: it is none of the trees that the script's end starts."""
    if isinstance(item, Tree) and item in _made:
        _made.remove(item)


def any_made() -> bool:
    """True if there are trees to be started at the script's end."""
    return bool(_made)


def made() -> list[Tree]:
    """The supervisors that are in no other's list."""
    return _made


def take_made() -> list[Tree]:
    """The supervisors that are in no other's list, in the order they were made; forgets them."""
    made = list(_made)
    _made.clear()
    return made
