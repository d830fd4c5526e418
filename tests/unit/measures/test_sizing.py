"""Sizes by hand, and what no size may ever do: pass its amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.exposure import notional
from stopline.measures.sizing import amount_of, qty_for, stop_distance, to_lot
from stopline.model.numbers import MAX_SCALED, PRICE_ONE, QTY_ONE, parse_price, parse_qty, parse_ratio

ONE = PRICE_ONE


@pytest.mark.parametrize(
    ("amount", "per_unit", "multiplier", "lot", "qty"),
    [
        # 500 that may be lost, 3.50 a share: 142.86 shares.
        pytest.param("500", "3.50", "1", "1", "142", id="shares by risk"),
        pytest.param("500", "3.50", "1", "0.001", "142.857", id="fractional shares"),
        # 2 % of 100,000 in a share at 175: 11.43 shares.
        pytest.param("2000", "175", "1", "1", "11", id="shares by value"),
        pytest.param("175", "175", "1", "1", "1", id="exactly one"),
        pytest.param("174.99999999", "175", "1", "1", "0", id="a hair less than one"),
        # ES: 10 points at 50 a point lose 500 a contract; MES a tenth of it.
        pytest.param("1200", "10", "50", "1", "2", id="ES"),
        pytest.param("1200", "10", "5", "1", "24", id="MES"),
        # 6J: 0.00005 at 12,500,000 lose 625 a contract.
        pytest.param("2000", "0.00005", "12500000", "1", "3", id="6J"),
        pytest.param("1000", "9", "1", "100", "100", id="round lots"),
        pytest.param("0", "1", "1", "1", "0", id="nothing to lose"),
        pytest.param("-5", "1", "1", "1", "0", id="equity below zero"),
        pytest.param("5", "0", "1", "1", "0", id="no distance"),
    ],
)
def test_by_hand(amount: str, per_unit: str, multiplier: str, lot: str, qty: str):
    found = qty_for(parse_price(amount), parse_price(per_unit), parse_price(multiplier), parse_qty(lot))
    assert found == parse_qty(qty)


def test_amounts():
    assert amount_of(parse_ratio("0.005"), 100_000 * ONE) == 500 * ONE
    assert amount_of(parse_ratio("0.01"), -1) == 0
    assert amount_of(1, 10) == 0, "rounded down"


def test_stops_are_on_the_tick_and_no_nearer():
    assert stop_distance(parse_price("2.35"), parse_ratio("2"), parse_price("0.01")) == parse_price("4.70")
    assert stop_distance(parse_price("42.30"), parse_ratio("1.5"), parse_price("0.25")) == parse_price("63.50")


def test_no_size_is_larger_than_a_quantity_can_be():
    assert 0 < qty_for(MAX_SCALED, 1, 1, QTY_ONE) <= MAX_SCALED
    assert to_lot(10**30, QTY_ONE) % QTY_ONE == 0


LOTS = st.sampled_from([1, 10**6, QTY_ONE, 100 * QTY_ONE])


@given(st.integers(1, 10**18), st.integers(1, 10**14), st.integers(1, 10**15), LOTS)
def test_the_amount_is_never_passed_and_one_lot_more_would(amount: int, per_unit: int, multiplier: int, lot: int):
    qty = qty_for(amount, per_unit, multiplier, lot)
    assert qty % lot == 0 and qty >= 0
    assert qty == 0 or notional(qty, per_unit, multiplier) <= amount
    assert notional(qty + lot, per_unit, multiplier) >= amount or qty + lot > MAX_SCALED
