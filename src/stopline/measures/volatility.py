"""How far prices move: the true range, and Wilder's average of it.

The first bar only gives its close: a true range needs the close before it. The first
average is the plain mean of `period` ranges, each later one is
`(average * (period - 1) + range) / period`. Exact but for the last digits of a guard
scale, and rounded up in the end: more movement makes a smaller size.

Source     Wilder, New Concepts in Technical Trading Systems (1978); the same convention as TA-Lib's ATR.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from stopline.model.numbers import Price, div_ceil, div_half_even

GUARD: Final = 10**9
"""Digits carried beyond a price, so that the rounding of each step never reaches the price."""


class Bar(NamedTuple):
    """One bar of prices."""

    high: Price
    low: Price
    close: Price


def true_range(bar: Bar, close_before: Price) -> Price:
    """Return how far a bar went, the gap from the close before it included."""
    return max(bar.high, close_before) - min(bar.low, close_before)


def average_true_range(bars: Sequence[Bar], period: int) -> Price | None:
    """Return Wilder's ATR at the last bar, rounded up; None with fewer than `period` + 1 bars."""
    if period < 1 or len(bars) <= period:
        return None
    ranges = [true_range(bar, before.close) * GUARD for before, bar in pairwise(bars)]
    average = div_half_even(sum(ranges[:period]), period)
    for each in ranges[period:]:
        average = div_half_even(average * (period - 1) + each, period)
    return div_ceil(average, GUARD)
