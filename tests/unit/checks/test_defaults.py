"""All checks together, as the default limits arm them: the examples of semantics.md and api.md."""

import pytest

from stopline.checks import CHECKS
from stopline.checks.base import Armament
from stopline.model.limits import DEFAULT_LIMITS, SymbolLimit
from stopline.model.order import Side
from tests.unit.checks.build import (
    AAPL,
    BTC,
    ES_DEC,
    MES_DEC,
    PAPER,
    SPY,
    TERMS,
    TSLA,
    account,
    buy,
    exits,
    judge,
    money,
    quote,
    sell,
)

TSLA_LIMIT = SymbolLimit(max_position=money("3000"))


def default_checks(instrument, symbol=None):
    armament = Armament(DEFAULT_LIMITS, symbol or SymbolLimit(), instrument, TERMS, PAPER)
    return [check for kind in CHECKS if (check := kind.arm(armament)) is not None]


def denials(order, symbol=None, view=None):
    """Return the findings that deny, in order of precedence."""
    found = [judge(check, order, view) for check in default_checks(order.instrument, symbol)]
    return [finding for finding in found if finding.status == "denied"]


def test_example_1_order_size():
    first = denials(buy("100", AAPL, "175.00"))[0]
    assert (first.check, first.reason) == (
        "max_order_notional",
        "Order size exceeds limit: $17500.00 > $1000.00",
    )


def test_example_3_the_report_names_order_size_and_the_symbol_limit():
    found = denials(buy("100", TSLA, "250"), TSLA_LIMIT)
    assert [finding.check for finding in found] == ["max_order_notional", "max_position"]
    assert found[1].limit == money("3000")


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(buy("1", SPY, "450"), id="limit, no quote"),
        pytest.param(buy("1", SPY, "450", quote=quote("449", "451", SPY)), id="limit, with a quote"),
        pytest.param(buy("1", SPY, worst_price="455.51", quote=quote("449", "451", SPY)), id="market"),
        pytest.param(sell("1", SPY, "450"), id="short"),
        pytest.param(buy("0.01", BTC, "60000"), id="crypto"),
        pytest.param(
            buy("1", MES_DEC, "6900", margin_after="2000"), id="one micro is worth 34,500: no default denies it"
        ),
        pytest.param(buy("1", ES_DEC, "6900", margin_after="20000"), id="one mini"),
    ],
)
def test_what_the_defaults_let_pass(order):
    assert denials(order) == []


def test_a_market_order_without_a_quote_is_denied_by_all_that_need_it():
    assert [finding.check for finding in denials(buy("1", SPY))] == [
        "max_order_notional",
        "max_position",
        "concentration",
        "leverage",
        "buying_power",
        "quote_usable",
        "price_collar",
    ]


def test_unknown_equity_is_denied_by_all_that_need_it():
    order = buy("1", SPY, "450", equity=None, total_pnl=None)
    assert [finding.check for finding in denials(order)] == [
        "daily_loss",
        "concentration",
        "leverage",
        "buying_power",
    ]


def test_an_exit_is_asked_by_three_checks_only():
    binding = [check for check in default_checks(AAPL) if check.binds_exits]
    assert [check.name for check in binding] == ["order_well_formed", "duplicate_order", "trading_state"]
    order = exits("1000000", worst_price=None, equity=None, total_pnl=None, broker_connected=False)
    assert [judge(check, order, account(severity=1)).status for check in binding] == ["passed"] * 3


def test_which_checks_are_armed():
    names = [check.name for check in default_checks(AAPL)]
    assert names == [
        "order_well_formed",
        "duplicate_order",
        "trading_state",
        "daily_loss",
        "max_order_notional",
        "max_position",
        "concentration",
        "leverage",
        "buying_power",
        "short_sale",
        "session_hours",
        "connection",
        "quote_usable",
        "price_collar",
        "self_match",
        "order_rate",
    ]
    assert set(names) - {check.name for check in default_checks(ES_DEC)} == {
        "max_order_notional",
        "max_position",
        "concentration",
        "leverage",
    }


SCOPED = {
    "max_position",
    "max_contracts",
    "max_open_positions",
    "gross_exposure",
    "net_exposure",
    "concentration",
    "leverage",
    "buying_power",
}


def test_which_checks_are_measured_on_wider_scopes_too():
    assert {kind.name for kind in CHECKS if kind.scoped} == SCOPED


def test_for_which_checks_less_may_pass():
    assert {kind.name for kind in CHECKS if kind.qty_monotone} == SCOPED - {"max_open_positions"} | {
        "max_order_qty",
        "max_order_notional",
        "open_risk",
        "short_sale",
    }


def test_sides_are_what_they_say():
    assert (buy("1").request.side, sell("1").request.side) == (Side.BUY, Side.SELL)
