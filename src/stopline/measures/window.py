"""What a figure did within a sliding window: how far it fell from its top, how wide its range was.

A sample taken exactly one window ago still counts: it is where the window begins.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stopline.model.numbers import RATIO_ONE, Nanos, Ratio


class Sample(NamedTuple):
    """A figure at an instant."""

    at: Nanos
    value: int


def fall(samples: Sequence[Sample], window: Nanos, at: Nanos) -> int | None:
    """Return how far the newest value is below the highest of the window; None without a sample in it."""
    inside = [each.value for each in samples if at - window <= each.at <= at]
    return max(inside) - inside[-1] if inside else None


def range_ratio(samples: Sequence[Sample], window: Nanos, at: Nanos) -> Ratio | None:
    """Return (highest - lowest) / |oldest| within the window, rounded up; None without a sample, or of zero."""
    inside = [each.value for each in samples if at - window <= each.at <= at]
    if not inside or inside[0] == 0:
        return None
    return -(-(max(inside) - min(inside)) * RATIO_ONE // abs(inside[0]))
