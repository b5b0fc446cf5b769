"""What who started a script prefers where the script's body does not say: the isolation of its
supervisors' children, and their strategy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preferred:
    """None is what holds without it."""

    isolation: str | None = None
    strategy: str | None = None


# Of the body that began last.
_now = Preferred()


def begin(preferred: Preferred) -> None:
    """A body begins, and may make supervisors."""
    global _now
    _now = preferred


def now() -> Preferred:
    """What the body that began last is to have."""
    return _now
