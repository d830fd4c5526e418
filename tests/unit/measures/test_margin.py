"""Initial margin of a worst case, rounded against the trader."""

import pytest
from msgspec import structs

from stopline.measures.margin import (
    cash_class_margin,
    futures_margin,
    initial_ratio,
    maintenance_margin,
    weighted_contracts,
)
from stopline.model.account import AccountTerms
from tests.build import AAPL, BTC, ES_DEC, money, qty, ratio

MARGIN = AccountTerms("A1", "paper")
CASH = AccountTerms("A1", "paper", margin_account=False)


@pytest.mark.parametrize(
    ("worst", "share", "margin"),
    [("1000", "0.5", "500"), ("1000", "1", "1000"), ("0.00000001", "0.5", "0.00000001"), ("0", "0.5", "0")],
)
def test_cash_classes(worst, share, margin):
    assert cash_class_margin(money(worst), ratio(share)) == money(margin)


@pytest.mark.parametrize(
    ("worst", "each", "margin"), [("2", "20000", "40000"), ("0.1", "20000.00000001", "2000.00000001")]
)
def test_futures(worst, each, margin):
    assert futures_margin(qty(worst), money(each)) == money(margin)


@pytest.mark.parametrize(
    ("worst", "weight", "contracts"), [("10", "0.1", "1"), ("1", "1", "1"), ("0.000000001", "0.1", "0.000001")]
)
def test_ten_micros_are_one_contract(worst, weight, contracts):
    assert weighted_contracts(qty(worst), ratio(weight)) == ratio(contracts)


@pytest.mark.parametrize(
    ("terms", "instrument", "share"),
    [(MARGIN, AAPL, "0.5"), (CASH, AAPL, "1"), (MARGIN, BTC, "1"), (CASH, BTC, "1")],
    ids=["margin account", "cash account", "crypto", "crypto in a cash account"],
)
def test_who_may_borrow(terms, instrument, share):
    assert initial_ratio(terms, instrument) == ratio(share)


@pytest.mark.parametrize(
    ("terms", "instrument", "size", "value", "kept"),
    [
        (MARGIN, AAPL, "-10", "-1000", "250"),
        (MARGIN, AAPL, "1", "0.00000001", "0.00000001"),
        (CASH, AAPL, "10", "1000", "1000"),
        (MARGIN, BTC, "1", "1000", "1000"),
        (MARGIN, ES_DEC, "-2", "-500000", "36000"),
    ],
    ids=["a short equity", "rounded up", "cash account", "crypto", "futures by contract"],
)
def test_what_must_be_kept(terms, instrument, size, value, kept):
    assert maintenance_margin(terms, instrument, qty(size), money(value)) == money(kept)


def test_a_future_of_unknown_margin_is_unknown():
    unknown = structs.replace(ES_DEC, maintenance_margin=None)
    assert maintenance_margin(MARGIN, unknown, qty("1"), money("1")) is None
