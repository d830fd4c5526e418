"""A curve as lines of text: braille dots, or plain characters where braille cannot be written.

A column is as wide a stretch of time as any other. Within it the whole span from the lowest to the
highest point is drawn, so that no fall is lost however many points there are; where nothing was
measured the last value stands.
"""

from collections.abc import Callable, Sequence
from typing import Final

from stopline.cli.resample import Span, resample

Point = tuple[int, int]
"""(instant, value)."""
DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille cell, by row and column of its dots."""
BRAILLE: Final = 0x2800
LABELS: Final = 4
"""Rows from one label to the next."""
LEAST_COLUMNS: Final = 12


def chart(
    points: Sequence[Point],
    width: int,
    height: int,
    value: Callable[[int], str],
    instant: Callable[[int], str],
    *,
    base: int | None = None,
    plain: bool = False,
) -> list[str]:
    """Return at most `height` + 2 lines of at most `width` columns; `base` is drawn as a dotted line."""
    if not points:
        return []
    low, high = _bounds(points, base)
    names = [
        value(high - (high - low) * row // (height - 1)) if not _is_bare(row, height) else "" for row in range(height)
    ]
    margin = max(map(len, names))
    columns = max(LEAST_COLUMNS, width - margin - 2)
    cells = _plain(points, columns, height, low, high) if plain else _braille(points, columns, height, low, high)
    if base is not None:
        _draw_base(cells, (high - base) * (height - 1) // (high - low), "." if plain else "┄", plain=plain)
    edge, tick, corner, line = ("|", "+", "+", "-") if plain else ("│", "┤", "└", "─")
    rows = [
        f"{name:>{margin}} {tick if name else edge}{''.join(row).rstrip()}"
        for name, row in zip(names, cells, strict=True)
    ]
    first, last = instant(points[0][0]), instant(points[-1][0])
    gap = max(1, columns - len(first) - len(last))
    return [*rows, f"{'':{margin}} {corner}{line * columns}", f"{'':{margin}}  {first}{' ' * gap}{last}"]


def _is_bare(row: int, height: int) -> bool:
    """Whether a row has no label: the first, the last, and each fourth have one, if it is not too near the last."""
    return row not in (0, height - 1) and (row % LABELS != 0 or height - 1 - row < 2)


def _bounds(points: Sequence[Point], base: int | None) -> tuple[int, int]:
    """Return the lowest and the highest value to draw; a flat curve lies in the middle."""
    values = [each for _, each in points] + ([] if base is None else [base])
    low, high = min(values), max(values)
    if low == high:
        room = max(1, abs(low) // 1000)
        return low - room, high + room
    return low, high


def _braille(points: Sequence[Point], columns: int, height: int, low: int, high: int) -> list[list[str]]:
    dots = [[0] * columns for _ in range(height)]
    for x, top, bottom in _strokes(resample(points, columns * 2), height * 4, low, high):
        for y in range(top, bottom + 1):
            dots[y // 4][x // 2] |= DOTS[y % 4][x % 2]
    return [[chr(BRAILLE + bits) if bits else " " for bits in row] for row in dots]


def _plain(points: Sequence[Point], columns: int, height: int, low: int, high: int) -> list[list[str]]:
    cells = [[" "] * columns for _ in range(height)]
    for x, top, bottom in _strokes(resample(points, columns), height, low, high):
        for y in range(top, bottom + 1):
            cells[y][x] = "*"
    return cells


def _strokes(spans: Sequence[Span], rows: int, low: int, high: int) -> list[tuple[int, int, int]]:
    """Return (column, top row, bottom row) of each span, joined to the one before it."""
    strokes: list[tuple[int, int, int]] = []
    before = spans[0].first
    for x, span in enumerate(spans):
        top, bottom = max(span.high, before), min(span.low, before)
        strokes.append((x, (high - top) * (rows - 1) // (high - low), (high - bottom) * (rows - 1) // (high - low)))
        before = span.last
    return strokes


def _draw_base(cells: list[list[str]], row: int, mark: str, *, plain: bool) -> None:
    cells[row] = [mark if cell == " " and (x % 2 == 0 or not plain) else cell for x, cell in enumerate(cells[row])]
