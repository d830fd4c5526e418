"""Wilder's ATR: by hand, and against exact fractions."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.volatility import Bar, average_true_range, true_range
from stopline.model.numbers import PRICE_ONE


def bars(*rows: tuple[int, int, int]) -> list[Bar]:
    return [Bar(*(each * PRICE_ONE for each in row)) for row in rows]


@pytest.mark.parametrize(
    ("bar", "close_before", "expected"),
    [
        pytest.param((12, 10, 11), 11, 2, id="inside"),
        pytest.param((12, 10, 11), 8, 4, id="gap up"),
        pytest.param((12, 10, 11), 15, 5, id="gap down"),
        pytest.param((10, 10, 10), 10, 0, id="nothing moved"),
        pytest.param((-35, -40, -37), 10, 50, id="below zero"),
    ],
)
def test_true_range(bar: tuple[int, int, int], close_before: int, expected: int):
    assert true_range(Bar(*bar), close_before) == expected


def test_by_hand():
    """Ranges 4, 2, 6: mean of three 4; then 8 makes (4 * 2 + 8) / 3 = 5.333..., rounded up."""
    four = bars((9, 9, 9), (12, 8, 10), (11, 9, 10), (14, 8, 12))
    assert average_true_range(four, 3) == 4 * PRICE_ONE
    assert average_true_range([*four, *bars((16, 8, 9))], 3) == 533333334


@pytest.mark.parametrize(("count", "period"), [(0, 1), (1, 1), (14, 14), (3, 0)])
def test_too_few_bars(count: int, period: int):
    assert average_true_range(bars(*[(2, 1, 1)] * count), period) is None


PRICES = st.integers(-(10**12), 10**12)
BARS = st.lists(
    st.tuples(PRICES, PRICES, PRICES).map(sorted).map(lambda p: Bar(p[2], p[0], p[1])), min_size=2, max_size=60
)


@given(BARS, st.integers(1, 20))
def test_against_fractions(rows: list[Bar], period: int):
    if len(rows) <= period:
        assert average_true_range(rows, period) is None
        return
    ranges = [
        Fraction(max(now.high - now.low, abs(now.high - before.close), abs(now.low - before.close)))
        for before, now in pairwise(rows)
    ]
    exact = sum(ranges[:period], Fraction(0)) / period
    for each in ranges[period:]:
        exact = (exact * (period - 1) + each) / period
    found = average_true_range(rows, period)
    assert found is not None and abs(found - exact) < 1 + Fraction(1, 10**6)
    assert found >= exact - Fraction(1, 10**6), "never less than it moved"
