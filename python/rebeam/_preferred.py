"""What who started a script prefers where the script's body does not say: the isolation of its
supervisors' children, and their strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preferred:
    """None is what holds without it."""

    isolation: str | None = None
    strategy: str | None = None


offered: dict[str, tuple[dict[str, Any], Preferred]] = {}
"""For a script that Elixir is about to start, by the path that it names: names with values, too."""

# Of the body that began last.
_now = Preferred()


def begin(preferred: Preferred) -> None:
    """A body begins, and may make supervisors."""
    global _now
    _now = preferred


def now() -> Preferred:
    """What the body that began last is to have."""
    return _now
