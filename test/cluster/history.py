"""What may be wrong with the history of a cluster's names and sets, as node.py writes it."""

from __future__ import annotations

import json
import pathlib
from typing import Any

Line = dict[str, Any]


def read(folder: str, kind: str) -> list[Line]:
    """All lines of that kind; the last one of a node that was killed may be cut off."""
    lines = []
    for path in sorted(pathlib.Path(folder).glob(f"{kind}-*.log")):
        for text in path.read_text().split("\n"):
            try:
                lines.append(json.loads(text))
            except ValueError:
                continue
    return lines


def stored(folder: str, name: str) -> list[tuple[int, str]]:
    """The store's content, in the order in which it came."""
    path = pathlib.Path(folder) / f"store-{name}"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [(number, value) for number, value in map(json.loads, lines)]


def overlaps(acts: list[Line]) -> list[str]:
    """Who said that it held a name after another one, with a greater number, had said so.

    Each said it somewhere between `begin` and `end`; what may have been in order is none.
    """
    wrong = []
    for name in sorted({act["name"] for act in acts}):
        of_name = [act for act in acts if act["name"] == name]
        ended = sorted(of_name, key=lambda act: act["end"])
        greatest: Line | None = None
        place = 0
        for act in sorted(of_name, key=lambda act: act["begin"]):
            while place < len(ended) and ended[place]["end"] < act["begin"]:
                if greatest is None or ended[place]["fence"] > greatest["fence"]:
                    greatest = ended[place]
                place += 1
            if greatest is not None and act["fence"] < greatest["fence"]:
                late = (act["begin"] - greatest["end"]) / 1e6
                wrong.append(
                    f"{name}: {act['pid']} held it with {act['fence']}, {late:.1f} ms after "
                    f"{greatest['pid']} had it with {greatest['fence']}"
                )
    return wrong


def shared(acts: list[Line]) -> list[str]:
    """Numbers that two processes had for one name."""
    holders: dict[tuple[str, int], set[int]] = {}
    for act in acts:
        holders.setdefault((act["name"], act["fence"]), set()).add(act["pid"])
    return [
        f"{key[0]}: {pids} had the same number" for key, pids in holders.items() if len(pids) > 1
    ]


def takeovers(acts: list[Line], name: str) -> list[float]:
    """How long the name had no holder each time that it went to another process, in seconds."""
    times = []
    last: Line | None = None
    for act in sorted((act for act in acts if act["name"] == name), key=lambda act: act["end"]):
        if last is not None and act["fence"] > last["fence"]:
            times.append((act["end"] - last["end"]) / 1e9)
        if last is None or act["fence"] >= last["fence"]:
            last = act
    return times


def outcomes(lines: list[Line]) -> dict[str, int]:
    """How many calls ended how; those that were cut off with their node are "killed"."""
    counts: dict[str, int] = {}
    ends = {line["value"]: line["status"] for line in lines if "status" in line}
    for value in {line["value"] for line in lines}:
        status = ends.get(value, "killed")
        counts[status] = counts.get(status, 0) + 1
    return counts


def acknowledged(lines: list[Line]) -> set[str]:
    """What was answered with OK."""
    return {line["value"] for line in lines if line.get("status") == "ok"}


def asked(lines: list[Line]) -> set[str]:
    """All that was asked for."""
    return {line["value"] for line in lines}


def set_faults(before: list[Line], final: list[str], lines: list[Line]) -> list[str]:
    """A set that has lost what it had answered for before, or has what nobody added, or has it twice."""
    wrong = []
    lost = acknowledged(before) - set(final)
    if lost:
        wrong.append(f"{len(lost)} lost that were answered: {sorted(lost)[:5]}")
    strange = set(final) - asked(lines)
    if strange:
        wrong.append(f"{len(strange)} that nobody added: {sorted(strange)[:5]}")
    if len(final) != len(set(final)):
        wrong.append(f"{len(final) - len(set(final))} twice")
    return wrong


def order_faults(store: list[tuple[int, str]]) -> list[str]:
    """A store whose numbers do not grow."""
    numbers = [number for number, _ in store]
    return [] if numbers == sorted(numbers) else ["the numbers in the store do not grow"]
