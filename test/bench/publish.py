"""Puts the last table, the last growth and the last million into the guide: figures, JSON and charts.

test/bench/run publish
"""

from __future__ import annotations

import json
import pathlib
import shutil
import statistics
from typing import Any

from bench import growth, text
from bench.contest import BUILD, ROOT

GUIDES = ROOT / "priv/guides"
PAGE = GUIDES / "performance.md"


def between(page: str, name: str, words: str) -> str:
    """The page with other words between the two marks of this name."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    if not after:
        raise SystemExit(f"{PAGE}: there is no {begin} ... {end}")
    return f"{before}{begin}\n{words}\n{end}{after}"


def published(name: str) -> dict[str, Any] | None:
    """What was measured, with its files beside the guide; None if it was not."""
    path: pathlib.Path = BUILD / f"{name}.json"
    if not path.exists():
        return None
    for suffix in (".json", ".svg"):
        shutil.copyfile(path.with_suffix(suffix), GUIDES / f"performance-{name}{suffix}")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def many(found: dict[str, Any]) -> str:
    """A row for each number of actors: the median of its rounds, and the most memory."""
    rows = [
        "| actors | start, us each | call, us | end, us each | peak, MiB |",
        "| --- | --- | --- | --- | --- |",
    ]
    for number, rounds in found["numbers"].items():
        cells = [f"{int(number):,}"]
        for name in ("start", "call", "end"):
            median = statistics.median(each[name] for each in rounds)
            cells.append(text.number(median * 1e6 / int(number)))
        cells.append(text.number(max(each["peak"] for each in rounds) / 2**20))
        rows.append(f"| {' | '.join(cells)} |")
    said = " ".join(filter(None, [text.conditions(found) + ".", text.warning(found)]))
    return "\n".join([*rows, "", said])


def main() -> None:
    page = PAGE.read_text()
    if (million := BUILD / "million.json").exists():
        page = between(page, "million", many(json.loads(million.read_text())))
    if table := published("table"):
        image = "![What peers cost beside Re:BEAM](performance-table.svg)"
        page = between(page, "table", f"{image}\n\n{text.markdown(table)}")
    if grown := published("growth"):
        curves = [f"- {growth.verdict(each)}" for each in grown["curves"]]
        image = "![What one costs, by how many there are](performance-growth.svg)"
        words = [image, "", text.conditions(grown) + ".", "", *curves]
        page = between(page, "growth", "\n".join(words))
    PAGE.write_text(page)
    print(PAGE)


if __name__ == "__main__":
    main()
