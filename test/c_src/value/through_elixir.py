"""Sends random values to an Elixir process and back, for test/rebeam/value/elixir_test.exs:
`through_elixir.py NODE ISOLATION`, where that process is and where the sender.

Elixir's terms know no order of keys, no frozenset beside set, no fold of a time and no sharing:
but for these, what comes back equals what was sent. Prints what went wrong, and a summary.
"""

from __future__ import annotations

import datetime
import os
import random
import sys
from typing import Any

sys.path.insert(0, os.environ["REBEAM_VALUE_TESTS"])

import values

from rebeam import Supervisor, child, gen_call, self_pid

VALUES = int(os.environ.get("REBEAM_VALUES", "2000"))
SEED = int(os.environ.get("REBEAM_SEED", random.randrange(2**32)))
NODE, ISOLATION = sys.argv[1:]

# What no Erlang term can be: said at the sender.
IMPOSSIBLE = (
    "the value contains itself",
    "two keys or elements",
    "no atom '",
    "an integer is too large",
    "the value shares too many",
    "the value has an object that is made from itself",
)


def difference(sent: Any, arrived: Any) -> str:
    """Where they differ as far as Elixir keeps what they are, or nothing. A cycle through an object
    may have been unrolled: then the same pair is met again."""
    met = set()
    todo = [(sent, arrived)]
    while todo:
        left, right = todo.pop()
        if (id(left), id(right)) in met:
            continue
        met.add((id(left), id(right)))
        if leaf(left) != leaf(right):
            return f"{leaf(left)[:200]} became {leaf(right)[:200]}"
        todo.extend(zip(parts(left), parts(right)))
    return ""


def parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value[each] for each in sorted(value, key=key)]
    if isinstance(value, values.Slotted):
        return [value.left, value.right]
    if isinstance(value, values.Order):
        return [value.number, value.lines]
    if isinstance(value, values.Refusal):
        return [value.code, value.why]
    if isinstance(value, values.Made):
        return list(value.parts)
    return list(value) if isinstance(value, (list, tuple)) else []


def leaf(value: Any) -> str:
    """A text for all but the parts."""
    if isinstance(value, memoryview):
        return f"memoryview {value.itemsize} {value.tobytes()!r}"
    if isinstance(value, (datetime.datetime, datetime.time)):
        return f"{value.replace(fold=0)!r} {value.utcoffset()}"
    if isinstance(value, dict):
        return type(value).__name__ + "{" + ",".join(sorted(map(key, value))) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ",".join(sorted(map(key, value))) + "}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__} {len(value)}"
    if isinstance(value, (values.Order, values.Slotted, values.Made, values.Refusal)):
        return f"{type(value).__name__} {len(parts(value))}"
    return values._plain(value)


def key(value: Any) -> str:
    """All of what is a key of a dict or an element of a set: it contains no objects."""
    if type(value) is tuple:
        return "(" + ",".join(map(key, value)) + ")"
    return leaf(value)


def ask() -> None:
    wrong = impossible = 0
    for number in range(VALUES):
        value = values.Generator(SEED + number).value()
        try:
            status, arrived = gen_call(("Elixir.Echo", NODE), value, 60)
        except ValueError as error:
            if not str(error).startswith(IMPOSSIBLE):
                print("refused", SEED + number, error)
            impossible += 1
            continue
        found = difference(value, arrived) if status == "ok" else str(arrived)
        if found:
            wrong += 1
            print("wrong", SEED + number, found)
    print("wrong", wrong, "of", VALUES, "impossible below half", impossible < VALUES / 2,
          "apart", self_pid().node != NODE, flush=True)  # fmt: skip


if __name__ == "__main__":
    Supervisor([child(ask, restart="transient", significant=True, isolation=ISOLATION)])
