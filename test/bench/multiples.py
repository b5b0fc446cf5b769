"""Growth as small charts beside each other, one for each figure."""

from __future__ import annotations

import math
from typing import Any

from bench import text
from bench.svg import COLORS, Drawing

# In pixels: a chart with its margins, and the part of it where the curve is.
WIDTH, HEIGHT, ACROSS = 250, 190, 4
INNER = (20, 52, 222, 150)


def drawn(report: dict[str, Any]) -> str:
    """The SVG."""
    charts = [
        (curve, name, points)
        for curve in report["curves"]
        for name, points in curve["points"].items()
        if points
    ]
    rows = math.ceil(len(charts) / ACROSS)
    drawing = Drawing(20 + WIDTH * ACROSS, 80 + HEIGHT * rows)
    drawing.text(20, 32, "What one costs, by how many there are", "title")
    drawing.text(20, 54, told(report), "small")
    colors = {curve["name"]: COLORS[n % 6] for n, curve in enumerate(report["curves"])}
    for place, (curve, name, points) in enumerate(charts):
        x, y = 10 + WIDTH * (place % ACROSS), 66 + HEIGHT * (place // ACROSS)
        one(drawing, (x, y), curve, name, points, colors[curve["name"]])
    return drawing.svg()


def told(report: dict[str, Any]) -> str:
    machine, versions = report["machine"], report["versions"]
    return (
        f"{report['date'][:10]}, {machine['cores']} cores, {machine['cpu']}, "
        f"CPython {versions['Python']}, load average before {report['load']['before'][0]}"
    )


def one(
    drawing: Drawing,
    corner: tuple[float, float],
    curve: dict[str, Any],
    name: str,
    points: list[list[float]],
    color: str,
) -> None:
    left, top, right, bottom = (
        corner[0] + INNER[0], corner[1] + INNER[1], corner[0] + INNER[2], corner[1] + INNER[3]
    )  # fmt: skip
    highest = max(value for _, value in points)
    first, last = points[0][0], max(points[-1][0], points[0][0] * 10)

    def x(size: float) -> float:
        return left + (right - left) * math.log(size / first) / math.log(last / first)

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / (highest * 1.15)

    drawing.text(left, corner[1] + 20, name, "strong")
    said = f"by {curve['title']}; {curve['units'][name]}, at most {text.number(highest)}"
    drawing.text(left, corner[1] + 38, said, "small")
    drawing.line(left, bottom, right, bottom, "grid")
    drawing.line(left, y(highest), right, y(highest), "grid")
    places = [(x(size), y(value)) for size, value in points]
    drawing.curve(places, color)
    for (size, value), (across, up) in zip(points, places, strict=True):
        drawing.circle(across, up, 3, color, f"{size:,} {curve['of']}: {text.number(value)}")
    drawing.text(left, bottom + 16, short(points[0][0]), "small")
    drawing.text(right, bottom + 16, f"{short(points[-1][0])} {curve['of']}", "small end")


def short(size: float) -> str:
    """As 10 k, 1 M."""
    for letter, unit in (("M", 1_000_000), ("k", 1_000)):
        if size >= unit:
            return f"{size / unit:g} {letter}"
    return f"{size:g}"
