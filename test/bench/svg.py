"""What charts are drawn with: SVG that can be read on a light and on a dark page."""

from __future__ import annotations

from html import escape

# Colors that people tell apart who see few: Okabe and Ito's, and a grey for the rest.
COLORS = ["#0072b2", "#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#8a8f98"]

STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.page { fill: #ffffff; stroke: #d0d7de; }
.title { font-size: 18px; font-weight: 600; }
.strong { font-weight: 600; }
.small { font-size: 11.5px; fill: #59636e; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: #d8dee4; stroke-width: 1; }
.one { stroke: #1f2328; stroke-width: 2; }
.goal { fill: none; stroke: #1f2328; stroke-width: 1.6; }
.curve { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .page { fill: #0d1117; stroke: #30363d; }
  .small { fill: #9198a1; }
  .grid { stroke: #2a313a; }
  .one { stroke: #e6edf3; }
  .goal { stroke: #e6edf3; }
}
"""


class Drawing:
    """Shapes, each with the classes that its colors come from."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.shapes: list[str] = []

    def text(self, x: float, y: float, words: str, kind: str = "") -> None:
        named = f' class="{kind}"' if kind else ""
        self.shapes.append(f'<text x="{x:.1f}" y="{y:.1f}"{named}>{escape(words)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.shapes.append(f'<line {ends} class="{kind}"/>')

    def curve(self, points: list[tuple[float, float]], color: str) -> None:
        listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.shapes.append(f'<polyline points="{listed}" class="curve" stroke="{color}"/>')

    def circle(self, x: float, y: float, radius: float, color: str, words: str = "") -> None:
        title = f"<title>{escape(words)}</title>"
        self.shapes.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{color}">{title}</circle>'
        )

    def diamond(self, x: float, y: float, size: float, kind: str) -> None:
        points = f"{x:.1f},{y - size} {x + size:.1f},{y} {x:.1f},{y + size} {x - size:.1f},{y}"
        self.shapes.append(f'<polygon points="{points}" class="{kind}"/>')

    def svg(self) -> str:
        size = f'viewBox="0 0 {self.width:g} {self.height:g}"'
        page = f'<rect class="page" x="0.5" y="0.5" width="{self.width - 1:g}" height="{self.height - 1:g}" rx="8"/>'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" height="{self.height:g}" {size}>'
        return "\n".join([head, f"<style>{STYLE}</style>", page, *self.shapes, "</svg>"]) + "\n"
