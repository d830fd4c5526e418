import pytest

from stopline.checks.quote_usable import MISSING, STALE, THIN, UNUSABLE, WIDE, QuoteUsable
from stopline.model.numbers import SECOND
from stopline.model.order import OrderType
from tests.unit.checks.build import NOW, arm, armed, buy, judge, qty, quote, ratio, sell

MAX_AGE = 5 * SECOND
CHECK = armed(QuoteUsable, quote_max_age=MAX_AGE, quote_max_spread=ratio("0.05"), quote_min_size=qty("10"))
GOOD = quote("99", "101")


@pytest.mark.parametrize(
    ("order", "observed"),
    [
        pytest.param(buy("1", quote=GOOD), 0, id="good"),
        pytest.param(buy("1"), MISSING, id="no data"),
        pytest.param(buy("1", quote=quote("99")), UNUSABLE, id="no ask"),
        pytest.param(sell("1", quote=quote(None, "101")), UNUSABLE, id="no bid"),
        pytest.param(buy("1", quote=quote("101", "99", usable=False)), UNUSABLE, id="crossed"),
        pytest.param(buy("1", quote=quote("0.01", "100000", usable=False)), UNUSABLE, id="stub"),
        pytest.param(buy("1", quote=quote("100", "100")), 0, id="locked"),
        pytest.param(buy("1", quote=quote("99", "101", received_at=NOW - MAX_AGE)), 0, id="at the age"),
        pytest.param(buy("1", quote=quote("99", "101", received_at=NOW - MAX_AGE - 1)), STALE, id="older"),
        pytest.param(
            buy("1", quote=quote("99", "101", received_at=NOW - 50 * SECOND, valid_until=NOW)),
            0,
            id="its source still stands by it",
        ),
        pytest.param(
            buy("1", quote=quote("99", "101", received_at=NOW, valid_until=NOW - 1)),
            STALE,
            id="its source no longer does",
        ),
        pytest.param(buy("1", quote=quote("97.50", "102.50")), 0, id="at the spread"),
        pytest.param(buy("1", quote=quote("97.50", "102.51")), WIDE, id="wider"),
        pytest.param(buy("1", quote=quote("99", "101", ask_size="10", bid_size="0")), 0, id="at the size"),
        pytest.param(buy("1", quote=quote("99", "101", ask_size="9")), THIN, id="less at the ask"),
        pytest.param(sell("1", quote=quote("99", "101", bid_size="9")), THIN, id="less at the bid"),
        pytest.param(buy("1", limit="175"), 0, id="a limit falls back on its price"),
        pytest.param(buy("1", limit="175", stop_price="170"), 0, id="so does a stop limit"),
        pytest.param(buy("1", stop_price="170"), MISSING, id="a stop does not"),
        pytest.param(buy("1", order_type=OrderType.TRAILING_STOP, trail_amount="1"), MISSING, id="nor a trailing stop"),
    ],
)
def test_denies_what_trades_at_a_quote_not_to_be_trusted(order, observed):
    assert judge(CHECK, order).observed == observed


def test_exits_are_exempt():
    assert not QuoteUsable.binds_exits


@pytest.mark.parametrize(
    ("limits", "bad"),
    [
        ({"quote_max_age": MAX_AGE}, quote("99", "101", received_at=0)),
        ({"quote_max_spread": ratio("0.05")}, quote("90", "110")),
        ({"quote_min_size": qty("10")}, quote("99", "101", ask_size="1")),
    ],
)
def test_each_limit_is_armed_alone(limits, bad):
    check = armed(QuoteUsable, **limits)
    assert judge(check, buy("1", quote=bad)).status == "denied"
    assert judge(check, buy("1", quote=GOOD)).status == "passed"
    assert judge(check, buy("1")).status == "denied"


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (buy("1"), "there is no quote of AAPL: send a limit order, or wait for one"),
        (
            buy("1", quote=quote("99", "101", received_at=NOW - 6 * SECOND)),
            "the quote of AAPL (99.00 / 101.00) is stale: 6 s old, and 5 s is the most",
        ),
        (
            buy("1", quote=quote("99", "101", valid_until=NOW - SECOND)),
            "the quote of AAPL (99.00 / 101.00) is stale: its source stood by it until 1 s ago",
        ),
        (
            buy("1", quote=quote("90", "110")),
            "the quote of AAPL (90.00 / 110.00) has a spread of 20.00 %, more than 5.00 %",
        ),
        (
            sell("1", quote=quote("99", "101", bid_size="9")),
            "the quote of AAPL (99.00 / 101.00) shows 9 at the bid, less than 10",
        ),
        (
            buy("1", quote=quote("99")),
            "the quote of AAPL (99.00 / none) lacks a side: send a limit order, or wait for a better one",
        ),
        (
            buy("1", quote=quote("101", "99", usable=False)),
            "the quote of AAPL (101.00 / 99.00) is crossed: send a limit order, or wait for a better one",
        ),
        (
            buy("1", quote=quote("1", "99", usable=False)),
            "the quote of AAPL (1.00 / 99.00) is a stub: send a limit order, or wait for a better one",
        ),
        (buy("1", limit="175"), "the order has its own limit price"),
        (buy("1", quote=GOOD), "the quote of AAPL is usable"),
    ],
)
def test_reason(order, reason):
    assert judge(CHECK, order).reason == reason


def test_is_not_armed_without_a_limit():
    assert arm(QuoteUsable) is None
