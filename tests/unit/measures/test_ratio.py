import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.ratio import share
from stopline.model.numbers import RATIO_ONE


@pytest.mark.parametrize(
    ("amount", "whole", "ratio"),
    [
        (0, 1, 0),
        (25, 100, 250_000),
        (1, 3, 333_334),
        (200, 100, 2_000_000),
        (None, 100, None),
        (1, None, None),
        (1, 0, None),
        (1, -1, None),
    ],
)
def test_share(amount, whole, ratio):
    assert share(amount, whole) == ratio


@given(st.integers(0, 2**63), st.integers(1, 2**63), st.integers(0, 10 * RATIO_ONE))
def test_more_than_a_limit_is_exactly_more(amount, whole, limit):
    assert (share(amount, whole) > limit) == (amount * RATIO_ONE > limit * whole)
