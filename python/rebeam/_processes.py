"""Processes themselves (lib/rebeam/operation/processes.ex).

All functions suspend the actor that calls them; a plain thread waits.
"""

from __future__ import annotations

from rebeam._native import ProcessID, _op


def self_pid() -> ProcessID:
    """The calling actor's own id."""
    pid: ProcessID = _op("processes.self")
    return pid
