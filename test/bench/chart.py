"""The table as a chart: what each peer costs beside Re:BEAM, on a scale that doubles."""

from __future__ import annotations

import math
from typing import Any

from bench import text
from bench.line import OURS
from bench.svg import COLORS, Drawing

# In pixels: the height of a row, where the rows begin, and where the scale begins and ends.
ROW, TOP, LEFT, RIGHT, WIDTH = 28, 128, 420, 1000, 1040
# How many times cheaper and dearer than Re:BEAM there is room for.
CHEAPER, DEARER = 2.0**-4, 2.0**9

Row = dict[str, Any]


def across(ratio: float) -> float:
    """Where something is that costs so many times what Re:BEAM costs."""
    share = math.log(min(max(ratio, CHEAPER), DEARER) / CHEAPER) / math.log(DEARER / CHEAPER)
    return LEFT + share * (RIGHT - LEFT)


def drawn(report: dict[str, Any]) -> str:
    """The SVG."""
    rows = [line for line in report["lines"] if text.median(line, "quiet", OURS)]
    drawing = Drawing(WIDTH, TOP + ROW * len(rows) + 16)
    drawing.text(20, 32, "What it costs beside Re:BEAM", "title")
    drawing.text(20, 54, told(report), "small")
    colors = colored(rows)
    legend(drawing, colors)
    axis(drawing, TOP + ROW * len(rows))
    for place, line in enumerate(rows):
        row(drawing, line, TOP + ROW * (place + 0.5), colors)
    return drawing.svg()


def told(report: dict[str, Any]) -> str:
    machine, versions = report["machine"], report["versions"]
    effort = report.get("effort", "full")
    return (
        ("" if effort == "full" else f"{text.EFFORTS[effort]}: ")
        + f"{report['date'][:10]}, {machine['cores']} cores, {machine['cpu']}, "
        f"CPython {versions['Python']}, OTP {versions['Erlang/OTP']}, "
        f"load average before {report['load']['before'][0]}"
    )


def colored(rows: list[Row]) -> dict[str, str]:
    """Those that take part most often have a color of their own."""
    everybody = [name for line in rows for name in text.names(line)]
    often = sorted(set(everybody), key=lambda name: (-everybody.count(name), everybody.index(name)))
    return dict(zip(often, COLORS[:-1], strict=False))


def legend(drawing: Drawing, colors: dict[str, str]) -> None:
    x = 20.0
    for name, color in [*colors.items(), ("others", COLORS[-1])]:
        drawing.circle(x + 5, 76, 5, color)
        drawing.text(x + 15, 80, name, "small")
        x += 32 + 6.4 * len(name)
    drawing.diamond(x + 5, 76, 5, "goal")
    drawing.text(x + 16, 80, "goal: met if right of the line", "small")


def axis(drawing: Drawing, bottom: float) -> None:
    for power in range(-4, 10):
        x, ratio = across(2.0**power), 2.0 ** abs(power)
        drawing.line(x, TOP, x, bottom, "one" if power == 0 else "grid")
        if power % 2 == 0 and power:
            words = f"{ratio:g} times" if power > 0 else f"1/{ratio:g}"
            drawing.text(x, TOP - 8, words, "small middle")
    drawing.text(across(1), TOP - 8, OURS, "strong middle")
    drawing.text(across(1) - 44, TOP - 26, "cheaper", "small end")
    drawing.text(across(1) + 44, TOP - 26, "dearer", "small")


def row(drawing: Drawing, line: Row, y: float, colors: dict[str, str]) -> None:
    ours = text.median(line, "quiet", OURS) or 1.0
    drawing.line(20, y + ROW / 2, RIGHT, y + ROW / 2, "grid")
    drawing.text(20, y + 4, line["title"])
    drawing.text(LEFT - 16, y + 4, f"{text.number(ours)} {line['unit']}", "end strong")
    for goal in line["goals"]:
        if goal["load"] == "quiet" and goal["needed"]:
            drawing.diamond(across(goal["limit"] / goal["needed"]), y, 7, "goal")
    for name in text.names(line):
        value = text.median(line, "quiet", name) or 0.0
        said = f"{name}: {text.number(value)} {line['unit']}"
        drawing.circle(across(value / ours), y, 5, colors.get(name, COLORS[-1]), said)
