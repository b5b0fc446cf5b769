"""The runtime itself (lib/rebeam/operation/runtime.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from typing import Any

from rebeam._native import _op


def collect() -> None:
    """Has every process collect its garbage, so that `rebeam_info` counts what is in use."""
    _op("runtime.collect")


def flush_log() -> None:
    """Waits until what was logged is written."""
    _op("runtime.flush")


def rebeam_info() -> dict[str, Any]:
    """Counts of actors, suspended, blocked waits, abandoned threads, threads of dedicated actors,
    handles, helpers of waits, shared memory, executor threads and jobs; and "units", a list of the
    same for each."""
    counts: dict[str, Any] = _op("runtime.info")
    return counts
