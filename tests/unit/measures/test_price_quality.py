import pytest

from stopline.measures.price_quality import (
    LAST_MAX_AGE,
    clip,
    is_fresh,
    mid,
    reference_price,
    spread_is_within,
    spread_ratio,
    usable,
)
from stopline.model.numbers import SECOND, parse_price
from tests.unit.checks.build import quote

TENTH = 100_000


@pytest.mark.parametrize(
    ("bid", "ask", "negative", "expected"),
    [
        pytest.param("99", "101", False, True, id="normal"),
        pytest.param("100", "100", False, True, id="locked"),
        pytest.param("101", "100", False, False, id="crossed"),
        pytest.param(None, "100", False, False, id="no bid"),
        pytest.param("100", None, False, False, id="no ask"),
        pytest.param(None, None, True, False, id="neither"),
        pytest.param("0", "0.01", False, False, id="a bid of zero"),
        pytest.param("-37.63", "-37.60", False, False, id="below zero where it may not be"),
        pytest.param("-37.63", "-37.60", True, True, id="below zero where it may be"),
        pytest.param("-0.01", "0.01", True, False, id="around zero: no mid to compare with"),
        pytest.param("0", "0", True, True, id="locked at zero"),
        pytest.param("0", "0", False, False, id="locked at zero where it may not be"),
        pytest.param("95", "105", False, True, id="at the widest"),
        pytest.param("95", "105.01", False, False, id="wider"),
        pytest.param("0.01", "100000", False, False, id="stub"),
    ],
)
def test_usable(bid, ask, negative, expected):
    prices = (None if text is None else parse_price(text) for text in (bid, ask))
    assert usable(*prices, TENTH, negative) is expected


def test_without_a_widest_spread_any_will_do():
    assert usable(1, 10**18, None, False)


@pytest.mark.parametrize(
    ("bid", "ask", "ratio"),
    [(100, 100, 0), (95, 105, 100_000), (9_500, 10_501, 100_095), (-105, -95, 100_000), (0, 0, 0)],
)
def test_spread_ratio_rounds_up(bid, ask, ratio):
    assert spread_ratio(bid, ask) == ratio
    assert spread_is_within(bid, ask, ratio)
    assert ratio == 0 or not spread_is_within(bid, ask, ratio - 1)


def test_a_spread_around_zero_has_no_ratio():
    assert spread_ratio(-1, 1) is None


@pytest.mark.parametrize(
    ("received", "until", "max_age", "at", "fresh"),
    [
        pytest.param(100, 0, 5, 105, True, id="at the age"),
        pytest.param(100, 0, 5, 106, False, id="older"),
        pytest.param(100, 0, None, 10**18, True, id="no age asked for"),
        pytest.param(100, 200, 5, 200, True, id="its source stands by it"),
        pytest.param(100, 200, 500, 201, False, id="its source no longer does"),
    ],
)
def test_is_fresh(received, until, max_age, at, fresh):
    assert is_fresh(received, until, max_age, at) is fresh


@pytest.mark.parametrize(("bid", "ask", "middle"), [(99, 101, 100), (99, 100, 99), (-2, -1, -2), (7, 7, 7)])
def test_mid(bid, ask, middle):
    assert mid(bid, ask) == middle


@pytest.mark.parametrize(("last", "clipped"), [(90, 99), (99, 99), (100, 100), (101, 101), (110, 101)])
def test_clip(last, clipped):
    assert clip(last, 99, 101) == clipped


NOW = 10**18


def test_a_last_trade_counts_for_a_minute():
    assert LAST_MAX_AGE == 60 * SECOND


@pytest.mark.parametrize(
    ("quoted", "reference"),
    [
        pytest.param(quote("99", "101", received_at=NOW), "100", id="mid"),
        pytest.param(quote("99", "101", received_at=NOW - 5 * SECOND), "100", id="mid, at the age"),
        pytest.param(quote("99", "101", received_at=NOW - 5 * SECOND - 1), None, id="stale, no trade"),
        pytest.param(quote("99", "101", received_at=0, valid_until=NOW), "100", id="its source stands by it"),
        pytest.param(
            quote("99", "101", received_at=NOW, valid_until=NOW - 1, last_price="90", last_at=NOW),
            "90",
            id="its source no longer does",
        ),
        pytest.param(
            quote("99", "101", received_at=NOW, usable=False, last_price="90", last_at=NOW), "90", id="unusable"
        ),
        pytest.param(quote(last_price="90", last_at=NOW - LAST_MAX_AGE), "90", id="a trade, 60 s old"),
        pytest.param(quote(last_price="90", last_at=NOW - LAST_MAX_AGE - 1), None, id="a trade, older"),
        pytest.param(quote(), None, id="nothing"),
    ],
)
def test_reference_price(quoted, reference):
    expected = None if reference is None else parse_price(reference)
    assert reference_price(quoted, 5 * SECOND, NOW) == expected
