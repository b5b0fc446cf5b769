"""What the two kinds of supervisors have in common, and which of them nobody has started."""

from __future__ import annotations

from rebeam._addresses import GlobalName, Via
from rebeam._arguments import name_or_address, whole

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


def take_made() -> list[Tree]:
    """The supervisors that are in no other's list, in the order they were made; forgets them."""
    made = list(_made)
    _made.clear()
    return made
