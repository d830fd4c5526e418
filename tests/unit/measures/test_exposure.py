"""What orders and positions are worth at worst: rounded against the trader, signs never netted."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.exposure import (
    buffered,
    is_reducing_buy,
    is_reducing_sell,
    lowered,
    notional,
    position_value_at_worst,
    worst_money,
    worst_qty,
)
from tests.build import money, qty

amounts = st.integers(-(2**62), 2**62)


@pytest.mark.parametrize(
    ("size", "price", "multiplier", "worth"),
    [
        ("100", "175", "1", "17500"),
        ("1", "6900", "5", "34500"),
        ("-2", "6900.25", "50", "690025"),
        ("3", "-37.63", "1000", "112890"),
        ("0.000000001", "0.1", "1", "0.00000001"),  # a ten-billionth rounds up
        ("0", "100", "1", "0"),
    ],
)
def test_notional(size, price, multiplier, worth):
    assert notional(qty(size), money(price), money(multiplier)) == money(worth)


@given(amounts, amounts, st.integers(1, 10**12))
def test_notional_is_the_exact_value_rounded_up(size, price, multiplier):
    assert notional(size, price, multiplier) == ceil(Fraction(abs(size * price) * multiplier, 10**17))


@given(amounts, amounts, st.integers(1, 10**12))
def test_a_position_is_worth_as_much_either_way(size, price, multiplier):
    value = position_value_at_worst(size, price, multiplier)
    assert abs(value) == notional(size, price, multiplier)
    assert value >= 0 if size >= 0 else value <= 0


@given(amounts, st.integers(0, 2**62), st.integers(0, 2**62))
def test_a_sell_never_nets_a_buy(value, buys, sells):
    expected = max(abs(value + part) for part in (buys, -sells))
    assert worst_money(value, buys, sells) == expected
    assert worst_qty(value + buys, value - sells) == expected


@pytest.mark.parametrize(
    ("price", "worth"), [("100", "101"), ("-100", "101"), ("0", "0"), ("0.00000001", "0.00000002")]
)
def test_a_market_order_may_cost_one_percent_more(price, worth):
    assert buffered(money(price)) == money(worth)


@pytest.mark.parametrize(("price", "least"), [("100", "99"), ("-100", "-101"), ("0", "0"), ("0.00000001", "0")])
def test_a_market_sale_may_bring_one_percent_less(price, least):
    assert lowered(money(price)) == money(least)


@given(st.integers(-100, 100), st.lists(st.integers(1, 50), max_size=4), st.integers(1, 100))
def test_reducing_is_proven_against_every_way_of_filling(held, working, size):
    """Reducing iff no subset of the working orders on that side, with this one, gets past flat."""
    assert is_reducing_sell(held, sum(working), size) is (held - sum(working) - size >= 0)
    assert is_reducing_buy(-held, sum(working), size) is is_reducing_sell(held, sum(working), size)
