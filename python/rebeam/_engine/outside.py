"""Whether the runtime is there, and the error where it is not. Imported before `_rebeam`."""

from __future__ import annotations

__all__ = ["INSIDE", "require", "unavailable"]

_HOW = "start the program with `rebeam main.py`"


def unavailable(what: str, how: str = _HOW) -> RuntimeError:
    """The error for what works inside the runtime only."""
    return RuntimeError(f"rebeam: {what}() works inside the runtime: {how}")


def require(what: str, how: str = _HOW) -> None:
    """Raises outside the runtime; for what would need it only later."""
    __tracebackhide__ = True  # in pytest: the test's line is what counts
    if not INSIDE:
        raise unavailable(what, how)


def _is_inside() -> bool:
    try:
        import _rebeam
    except ImportError:
        return False
    return not getattr(_rebeam, "outside", False)


INSIDE = _is_inside()
"""Whether the runtime is there."""
