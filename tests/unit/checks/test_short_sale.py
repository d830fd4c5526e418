import pytest

from stopline.checks.short_sale import ShortSale
from tests.unit.checks.build import (
    AAPL,
    BTC,
    CALL,
    CASH_TERMS,
    ES_DEC,
    EURUSD,
    TERMS,
    arm,
    armed,
    buy,
    denies,
    equity,
    held,
    judge,
    qty,
    sell,
)

HARD, UNKNOWN = equity("HARD", shortable=False), equity("ODD", shortable=None)


@pytest.mark.parametrize(
    ("instrument", "terms", "setting", "denied"),
    [
        pytest.param(AAPL, TERMS, None, False, id="equity, margin account"),
        pytest.param(AAPL, CASH_TERMS, None, True, id="equity, cash account"),
        pytest.param(HARD, TERMS, None, True, id="equity, not shortable"),
        pytest.param(UNKNOWN, TERMS, None, True, id="equity, nobody says"),
        pytest.param(UNKNOWN, TERMS, True, False, id="equity, nobody says, allowed"),
        pytest.param(AAPL, CASH_TERMS, True, False, id="equity, cash account, allowed"),
        pytest.param(HARD, TERMS, True, True, id="equity, not shortable, allowed"),
        pytest.param(AAPL, TERMS, False, True, id="equity, forbidden"),
        pytest.param(BTC, TERMS, None, True, id="crypto"),
        pytest.param(BTC, TERMS, True, False, id="crypto, allowed"),
        pytest.param(ES_DEC, CASH_TERMS, None, False, id="future"),
        pytest.param(ES_DEC, TERMS, False, True, id="future, forbidden"),
        pytest.param(EURUSD, CASH_TERMS, None, False, id="currency"),
        pytest.param(CALL, TERMS, None, True, id="option"),
        pytest.param(CALL, TERMS, True, True, id="option, allowed"),
    ],
)
def test_whether_a_short_sale_is_allowed(instrument, terms, setting, denied):
    check = armed(ShortSale, instrument, terms=terms, short_sale=setting)
    assert denies(check, sell("1", instrument)) is denied
    assert not denies(check, buy("1", instrument))


CASH = armed(ShortSale, AAPL, terms=CASH_TERMS)


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(sell("10", position=held(AAPL, "10")), False, id="down to zero"),
        pytest.param(sell(qty("10") + 1, position=held(AAPL, "10")), True, id="one further"),
        pytest.param(sell("10", position=held(AAPL, "10", working_sells="1")), True, id="another sells too"),
        pytest.param(sell("10", position=held(AAPL, "0", working_buys="10")), True, id="a working buy is no holding"),
        pytest.param(buy("1", position=held(AAPL, "0", working_sells="5")), False, id="a buy"),
    ],
)
def test_counts_every_working_sell(order, denied):
    assert denies(CASH, order) is denied


def test_exits_are_exempt():
    assert not ShortSale.binds_exits


def test_the_finding_says_how_short_and_what_would_pass():
    finding = judge(CASH, sell("150", position=held(AAPL, "100")))
    assert (finding.observed, finding.limit) == (qty("50"), 0)
    assert finding.reason == "AAPL could be 50 short: a cash account sells nothing short; 100 can be sold"
    assert judge(CASH, sell("5")).reason.endswith("nothing is left to sell")


def test_is_always_armed():
    assert arm(ShortSale) is not None
