"""Average prices, and prices on the tick grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.average import average_price, on_grid
from stopline.model.numbers import PRICE_ONE
from tests.build import money, qty


@pytest.mark.parametrize(
    ("amount", "size", "multiplier", "price"),
    [
        ("1750", "10", PRICE_ONE, "175"),
        ("-376.3", "10", PRICE_ONE, "-37.63"),
        ("-1750", "-10", PRICE_ONE, "175"),
        ("20000", "1", 50 * PRICE_ONE, "400"),
        ("100", "3", PRICE_ONE, "33.33333333"),
        ("200", "3", PRICE_ONE, "66.66666667"),
    ],
)
def test_average_price(amount, size, multiplier, price):
    assert average_price(money(amount), qty(size), multiplier) == money(price)


def test_there_is_no_average_of_nothing():
    assert average_price(0, 0, PRICE_ONE) is None
    assert average_price(1, 1, 0) is None


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**8))
def test_on_the_grid_is_the_nearest_multiple_on_that_side(price, tick):
    up, down = on_grid(price, tick, up=True), on_grid(price, tick, up=False)
    assert up % tick == down % tick == 0
    assert down <= price <= up
    assert up - down == (0 if price % tick == 0 else tick)
