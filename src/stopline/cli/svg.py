"""A curve as a picture: plain SVG, written here, light or dark as the reader's screen is.

Coordinates are whole numbers. Of each stretch of time as wide as a line the lowest and the highest
point are drawn, so that no fall is lost.
"""

from collections.abc import Callable, Sequence
from typing import Final
from xml.sax.saxutils import escape

from stopline.cli.resample import resample

WIDTH: Final = 960
HEIGHT: Final = 420
LEFT: Final = 110
RIGHT: Final = 30
TOP: Final = 56
BOTTOM: Final = 44
ROWS: Final = 4
COLUMNS: Final = 4
STYLE: Final = """
  svg { font: 13px system-ui, sans-serif; }
  .back { fill: #ffffff; }
  text { fill: #42474f; }
  .title { font-size: 16px; font-weight: 600; fill: #15181c; }
  .grid { stroke: #dfe3e8; }
  .base { stroke: #7a828c; stroke-dasharray: 5 5; }
  .curve { fill: none; stroke: #1b62c4; stroke-width: 1.8; stroke-linejoin: round; }
  .fall { fill: none; stroke: #c25400; stroke-width: 2.4; }
  @media (prefers-color-scheme: dark) {
    .back { fill: #14171b; }
    text { fill: #aab2bd; }
    .title { fill: #f0f3f6; }
    .grid { stroke: #2b3138; }
    .base { stroke: #8b949e; }
    .curve { stroke: #6cb0ff; }
    .fall { stroke: #ff9d4d; }
  }
"""
Point = tuple[int, int]


class Frame:
    """Where an instant and a value lie in the picture."""

    def __init__(self, points: Sequence[Point], base: int | None) -> None:
        values = [value for _, value in points] + ([] if base is None else [base])
        self.low, self.high = min(values), max(values)
        if self.low == self.high:
            self.low, self.high = self.low - 1, self.high + 1
        self.begin, self.end = points[0][0], max(points[-1][0], points[0][0] + 1)

    def x(self, at: int) -> int:
        """Return the column of an instant."""
        return LEFT + (at - self.begin) * (WIDTH - LEFT - RIGHT) // (self.end - self.begin)

    def y(self, value: int) -> int:
        """Return the row of a value."""
        return TOP + (self.high - value) * (HEIGHT - TOP - BOTTOM) // (self.high - self.low)


def picture(
    points: Sequence[Point],
    title: str,
    subtitle: str,
    value: Callable[[int], str],
    instant: Callable[[int], str],
    *,
    base: int | None = None,
    fall: tuple[Point, Point] | None = None,
) -> str:
    """Return an SVG document of a curve of at least one point; `fall` is its deepest drawdown."""
    frame = Frame(points, base)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(subtitle)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
        f'<text x="{LEFT}" y="43">{escape(subtitle)}</text>',
        *_grid(frame, value, instant),
    ]
    if base is not None:
        parts.append(_line("base", LEFT, frame.y(base), WIDTH - RIGHT, frame.y(base)))
    parts.append(f'<polyline class="curve" points="{_path(points, frame)}"/>')
    if fall is not None:
        (peak_at, peak), (trough_at, trough) = fall
        parts.append(_line("fall", frame.x(peak_at), frame.y(peak), frame.x(trough_at), frame.y(trough)))
    return "\n".join([*parts, "</svg>", ""])


def _grid(frame: Frame, value: Callable[[int], str], instant: Callable[[int], str]) -> list[str]:
    parts = []
    for row in range(ROWS + 1):
        level = frame.high - (frame.high - frame.low) * row // ROWS
        y = frame.y(level)
        parts.append(_line("grid", LEFT, y, WIDTH - RIGHT, y))
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(value(level))}</text>')
    for column in range(COLUMNS + 1):
        at = frame.begin + (frame.end - frame.begin) * column // COLUMNS
        anchor = "start" if column == 0 else "end" if column == COLUMNS else "middle"
        text = escape(instant(at))
        parts.append(f'<text x="{frame.x(at)}" y="{HEIGHT - BOTTOM + 24}" text-anchor="{anchor}">{text}</text>')
    return parts


def _path(points: Sequence[Point], frame: Frame) -> str:
    """Return the curve's corners: for each column in which something was measured, where it came from and went to."""
    columns = WIDTH - LEFT - RIGHT
    corners: list[tuple[int, int]] = []
    for x, span in enumerate(resample(points, columns)):
        for level in (span.first, span.low, span.high, span.last):
            corner = (LEFT + x, frame.y(level))
            if not corners or corner != corners[-1]:
                corners.append(corner)
    return " ".join(f"{x},{y}" for x, y in corners)


def _line(kind: str, x1: int, y1: int, x2: int, y2: int) -> str:
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
