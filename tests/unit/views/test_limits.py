"""Limits as people see them."""

import pytest

from stopline.model.limits import DEFAULT_LIMITS, Limits, RateWindow, SymbolLimit
from stopline.model.numbers import SECOND
from stopline.state.limits import LimitBook
from stopline.views.limits import (
    PATTERNS,
    SCALARS,
    SWITCHES,
    WINDOWS,
    all_limits,
    limits_body,
    per_second,
    proposal_body,
    symbol_limit_body,
)
from tests.build import AAPL, ES_DEC, money, qty


def text(number: object) -> str | None:
    return None if number is None else bytes(number).decode()  # type: ignore[call-overload,no-any-return]


def test_every_limit_is_in_one_table():
    listed = [*SCALARS, *SWITCHES, *PATTERNS, *WINDOWS, "reject_burst", "money_classes"]
    assert sorted(listed) == sorted(Limits.__struct_fields__)
    assert set(all_limits(DEFAULT_LIMITS)) == set(Limits.__struct_fields__)


def test_null_is_not_armed():
    body = limits_body(Limits())
    assert body.max_order_size is None
    assert body.max_orders_per_second is None
    assert all_limits(Limits())["leverage"] is None


@pytest.mark.parametrize(
    ("windows", "count"),
    [
        ((), None),
        ((RateWindow(10, SECOND),), 10),
        ((RateWindow(10, SECOND), RateWindow(5, SECOND)), 5),
        ((RateWindow(100, 60 * SECOND),), None),
    ],
)
def test_orders_per_second_is_the_tightest_one_second_window(windows, count):
    assert per_second(windows) == count


def book(**symbols: SymbolLimit) -> LimitBook:
    return LimitBook(scopes={"account:": DEFAULT_LIMITS}, symbols=symbols)


def test_a_symbol_shows_its_own_limit_or_the_accounts():
    own = symbol_limit_body(book(AAPL=SymbolLimit(money("3000"), 150_000)), AAPL)
    assert (text(own.max_position), text(own.max_concentration_pct)) == ("3000.00", "15.00")
    half = symbol_limit_body(book(AAPL=SymbolLimit(concentration=150_000)), AAPL)
    assert (text(half.max_position), text(half.max_concentration_pct)) == ("10000.00", "15.00")
    none = symbol_limit_body(book(), AAPL)
    assert (text(none.max_position), text(none.max_concentration_pct)) == ("10000.00", "25.00")


def test_limits_in_money_say_nothing_of_futures():
    body = symbol_limit_body(LimitBook(scopes={"account:": DEFAULT_LIMITS}), ES_DEC)
    assert (body.max_position, body.max_concentration_pct, body.max_position_qty) == (None, None, None)
    body = symbol_limit_body(
        LimitBook(scopes={"account:": DEFAULT_LIMITS}, symbols={"fut:ES": SymbolLimit(max_position_qty=qty("12"))}),
        ES_DEC,
    )
    assert body.max_position_qty == "12"


def test_a_proposal_says_when():
    assert "takes effect at 2026-01-06T15:00:00" in proposal_body(3, 1_767_711_600_000_000_000).message
    assert "waits for a second person" in proposal_body(3, 0).message
    assert proposal_body(3, 0).effective_at is None
