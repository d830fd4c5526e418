"""What holds for every check, whatever the numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.checks import CHECKS
from stopline.checks.base import Armament
from stopline.model.limits import Limits, RateWindow, SymbolLimit
from stopline.model.numbers import SECOND
from tests.unit.checks.build import (
    AAPL,
    CASH_TERMS,
    NOW,
    PAPER,
    buy,
    exits,
    held,
    judge,
    money,
    qty,
    quote,
    ratio,
    sell,
)

EVERYTHING = Limits(
    daily_loss=money("5000"),
    drawdown_floor=money("50000"),
    max_order_qty=qty("500"),
    max_order_notional=money("100000"),
    max_position=money("100000"),
    max_position_qty=qty("700"),
    max_open_positions=5,
    gross_exposure=ratio("1.5"),
    net_exposure=ratio("0.8"),
    concentration=ratio("0.6"),
    sector_concentration=ratio("0.9"),
    leverage=ratio("1.2"),
    buying_power=True,
    open_risk=True,
    stop_required=True,
    allow=("AAPL",),
    session_hours=True,
    quote_max_age=5 * SECOND,
    quote_max_spread=ratio("0.05"),
    price_collar=ratio("0.05"),
    self_match=True,
    duplicate_window=SECOND,
    trade_frequency=(RateWindow(10, 60 * SECOND),),
    order_rate=(RateWindow(10, SECOND),),
)
ALL = [
    check
    for kind in CHECKS
    if (check := kind.arm(Armament(EVERYTHING, SymbolLimit(), AAPL, CASH_TERMS, PAPER))) is not None
]
each = pytest.mark.parametrize("check", ALL, ids=[check.name for check in ALL])

sizes = st.integers(1, 2_000).map(lambda units: units * qty("1"))
prices = st.integers(1, 50_000).map(lambda cents: cents * money("0.01"))
holdings = st.integers(-1_000, 1_000).map(lambda units: units * qty("1"))
makers = st.sampled_from([buy, sell])


def test_all_but_the_futures_check_are_armed_here():
    assert {kind.name for kind in CHECKS} - {check.name for check in ALL} == {"max_contracts"}


@each
@given(make=makers, size=sizes, more=sizes, price=prices, position=holdings)
def test_more_quantity_never_helps(check, make, size, more, price, position):
    if not check.qty_monotone:
        return
    held_ = held(AAPL, position)
    if judge(check, make(size, AAPL, price, position=held_)).status == "denied":
        assert judge(check, make(size + more, AAPL, price, position=held_)).status == "denied"


@each
@given(make=makers, size=sizes, price=prices, position=holdings)
def test_looking_changes_nothing(check, make, size, price, position):
    quoted = quote(price, price + money("0.01"))
    order = make(size, AAPL, price, position=held(AAPL, position), quote=quoted)
    before = {name: getattr(order, name) for name in order.__struct_fields__}
    assert judge(check, order) == judge(check, order)
    assert before == {name: getattr(order, name) for name in order.__struct_fields__}


@each
@pytest.mark.parametrize(
    "order",
    [
        pytest.param(buy("1"), id="bare entry"),
        pytest.param(sell("1", quote=quote()), id="empty quote"),
        pytest.param(buy("1", equity=None, total_pnl=None), id="nothing known"),
        pytest.param(exits("1", equity=None, total_pnl=None), id="bare exit"),
        pytest.param(exits("1", quote=quote("1", "2", received_at=NOW - 10**12)), id="exit, old quote"),
    ],
)
def test_no_check_raises_for_want_of_data(check, order):
    assert judge(check, order).reason
