"""What was taken in: a row for each reading, in memory and in a file.

A row says all that is known of its reading, so whoever dies, the others find it here. Each step of
its life is one `compare_and_swap`: of two who try the same step, one does it.
"""

import collections
import os
from typing import Any

from rebeam import Table

Row = dict[str, Any]

FILE = os.environ.get("INGEST_FILE", "readings.table")

readings = Table("readings", file=FILE, durability="always")


def take_in(key: str, sensor: str, value: float) -> bool:
    """Whether it is new. When this returns, the reading is on the disk."""
    row = {"state": "waiting", "sensor": sensor, "value": value, "tries": 0}
    return readings.put_new(key, row)


def change(key: str, row: Row, **changes: object) -> Row | None:
    """The row after one step, or None if somebody else has changed it."""
    changed = {**row, **changes}
    return changed if readings.compare_and_swap(key, row, changed) else None


def waiting() -> list[str]:
    """What is still to be done, after a restart of whatever kind."""
    return [key for key, _ in readings.where(Table.value["state"] == "waiting")]


def summary() -> dict[str, Any]:
    """How many there are in each state, and the sums: made from the rows, so never out of step."""
    states: collections.Counter[str] = collections.Counter()
    sums: collections.Counter[str] = collections.Counter()
    for row in readings.values():
        states[row["state"]] += 1
        if row["state"] == "done":
            sums[row["sensor"]] += row["result"]
    return {"states": dict(sorted(states.items())), "sums": dict(sorted(sums.items()))}
