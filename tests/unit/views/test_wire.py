"""Figures, words and instants outside: exact, and never a binary fraction."""

import json
from datetime import datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.model.numbers import MAX_SCALED, parse_price
from stopline.model.verdict import Unit
from stopline.views.wire import (
    figure,
    instant,
    money_number,
    optional_instant,
    optional_money,
    percent_number,
    ratio_number,
    symbol_of,
)

money = st.integers(min_value=-MAX_SCALED, max_value=MAX_SCALED)


@given(money)
def test_a_json_number_is_the_scaled_int_digit_by_digit(value):
    text = msgspec.json.encode(money_number(value)).decode()
    assert parse_price(text) == value
    assert Decimal(json.loads(text, parse_float=str, parse_int=str)) == Decimal(value) / 10**8
    assert len(text.partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(1_000_000_000_000, "10000.00"), (0, "0.00"), (-510_000_000_000, "-5100.00"), (1, "0.00000001")],
)
def test_money_numbers_look_as_in_the_contract(value, text):
    assert msgspec.json.encode(money_number(value)) == text.encode()


def test_percent_and_ratio_numbers():
    assert msgspec.json.encode([percent_number(250_000), ratio_number(2_000_000)]) == b"[25.00,2.00]"
    assert msgspec.json.encode([money_number(None), percent_number(None), ratio_number(None)]) == b"[null,null,null]"


def test_unknown_is_null_and_never_zero():
    assert optional_money(None) is None
    assert optional_money(0) == "0.00"
    assert optional_instant(0) is None
    assert optional_instant(None) is None


@given(st.integers(min_value=0, max_value=MAX_SCALED))
def test_an_instant_is_exact_to_the_nanosecond(at):
    text = instant(at)
    moment = datetime.fromisoformat(text)
    assert int(moment.timestamp()) == at // 10**9
    assert text.endswith(f".{at % 10**9:09d}Z")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_750_000_000_000, Unit.MONEY, "17500.00"),
        (17_525_000_000, Unit.PRICE, "175.25"),
        (1_500_000_000, Unit.QTY, "1.5"),
        (250_000, Unit.RATIO, "0.25"),
        (11, Unit.COUNT, "11"),
        (1_500_000_000, Unit.NANOS, "1.5"),
        (17, Unit.STATE, None),
        (None, Unit.MONEY, None),
    ],
)
def test_figures_in_their_unit(value, unit, text):
    assert figure(value, unit) == text


@pytest.mark.parametrize(
    ("instrument_id", "symbol"),
    [
        ("eq:US:AAPL", "AAPL"),
        ("eq:US:BRK.B", "BRK.B"),
        ("fut:ES:2026-12", "ESZ6"),
        ("fut:MES:2027-03", "MESH7"),
        ("fut:ES", "ES"),
        ("fut:ES:2026-13", "ES"),
        ("fx:EURUSD", "EURUSD"),
        ("cr:BTCUSD", "BTCUSD"),
        ("opt:US:AAPL:2026-12-18:C:200", "opt:US:AAPL:2026-12-18:C:200"),
        ("", ""),
        ("eq:", ""),
        ("fut:", "fut:"),
    ],
)
def test_short_names_depend_on_the_id_alone(instrument_id, symbol):
    assert symbol_of(instrument_id) == symbol


@given(st.text(max_size=30))
def test_any_id_has_a_name(instrument_id):
    assert isinstance(symbol_of(instrument_id), str)
