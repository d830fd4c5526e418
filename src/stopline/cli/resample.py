"""A curve of many points, as so many stretches of time of equal length."""

from collections.abc import Sequence

from msgspec import Struct


class Span(Struct, gc=False):
    """What a curve did in one stretch of time."""

    first: int
    last: int
    low: int
    high: int


def resample(points: Sequence[tuple[int, int]], count: int) -> list[Span]:
    """Return `count` spans from the first point to the last; where nothing was measured the last value stands."""
    (begin, value), (end, _) = points[0], points[-1]
    length = max(end - begin, 1)
    found: list[Span | None] = [None] * count
    for at, each in points:
        place = min((at - begin) * count // length, count - 1)
        span = found[place]
        if span is None:
            found[place] = Span(each, each, each, each)
        else:
            span.last, span.low, span.high = each, min(span.low, each), max(span.high, each)
    spans: list[Span] = []
    for seen in found:
        spans.append(Span(value, value, value, value) if seen is None else seen)
        value = spans[-1].last
    return spans
