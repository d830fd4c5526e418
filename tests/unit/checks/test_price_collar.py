import pytest

from stopline.checks.price_collar import PriceCollar
from stopline.model.numbers import SECOND
from stopline.model.order import OrderType
from tests.unit.checks.build import CL_MAY, NOW, arm, armed, buy, denies, judge, quote, ratio, sell

CHECK = armed(PriceCollar, price_collar=ratio("0.05"), quote_max_age=5 * SECOND)
AT_100 = quote("99", "101")
LAST_100 = quote(last_price="100", last_at=NOW - 60 * SECOND)
OLD_LAST = quote(last_price="100", last_at=NOW - 60 * SECOND - 1)
STALE = quote("99", "101", received_at=NOW - 6 * SECOND, last_price="200", last_at=NOW)
BELOW_ZERO = quote("-40.10", "-39.90", CL_MAY)


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("1", limit="104.99", quote=AT_100), False, id="buy, below the band"),
        pytest.param(buy("1", limit="105", quote=AT_100), False, id="buy, at the band"),
        pytest.param(buy("1", limit="105.01", quote=AT_100), True, id="buy, one tick above"),
        pytest.param(buy("1", limit="1", quote=AT_100), False, id="buy, patient"),
        pytest.param(sell("1", limit="95", quote=AT_100), False, id="sale, at the band"),
        pytest.param(sell("1", limit="94.99", quote=AT_100), True, id="sale, one tick below"),
        pytest.param(sell("1", limit="900", quote=AT_100), False, id="sale, patient"),
        pytest.param(buy("1", limit="105.01", quote=LAST_100), True, id="by the last trade, 60 s old"),
        pytest.param(buy("1", limit="105.01", quote=OLD_LAST), False, id="a last trade that is older"),
        pytest.param(buy("1", limit="205", quote=STALE), False, id="a stale quote gives way to the last trade"),
        pytest.param(
            buy("1", limit="105.01", quote=quote("99", "101", usable=False, last_price="100", last_at=NOW)),
            True,
            id="an unusable quote gives way to the last trade",
        ),
        pytest.param(buy("1", limit="105.01"), False, id="no data: a limit falls back on its price"),
        pytest.param(buy("1"), True, id="no data: a market order"),
        pytest.param(buy("1", quote=OLD_LAST), True, id="no data: a market order, an old trade"),
        pytest.param(buy("1", quote=LAST_100), True, id="no data: a market order, no ask"),
        pytest.param(buy("1", quote=AT_100), False, id="market order"),
        pytest.param(buy("1", quote=quote("95", "105")), False, id="market order, ask at the band"),
        pytest.param(buy("1", quote=quote("94.90", "105.10")), True, id="market order, ask above the band"),
        pytest.param(sell("1", quote=quote("94.90", "105.10")), True, id="market order, bid below the band"),
        pytest.param(buy("1", stop_price="150", quote=AT_100), False, id="stop"),
        pytest.param(buy("1", limit="155", stop_price="150", quote=AT_100), False, id="stop limit"),
        pytest.param(
            buy("1", order_type=OrderType.TRAILING_STOP, trail_amount="1"), False, id="trailing stop, no quote"
        ),
        pytest.param(buy("1", CL_MAY, "-38", quote=BELOW_ZERO), False, id="below zero, at the band"),
        pytest.param(buy("1", CL_MAY, "-37.99", quote=BELOW_ZERO), True, id="below zero, buy above"),
        pytest.param(sell("1", CL_MAY, "-42.01", quote=BELOW_ZERO), True, id="below zero, sale below"),
        pytest.param(buy("1", CL_MAY, "5", quote=quote("-1", "1", CL_MAY)), False, id="a reference of zero is none"),
        pytest.param(buy("1", CL_MAY, quote=quote("-1", "1", CL_MAY)), True, id="nor is it for a market order"),
    ],
)
def test_denies_on_the_aggressive_side_only(order, denied):
    assert denies(CHECK, order) is denied


def test_exits_are_exempt():
    assert not PriceCollar.binds_exits


def test_the_band_is_exact():
    odd = quote("99.97", "100.00")
    assert not denies(CHECK, buy("1", limit=10_498_425_000, quote=odd))
    assert denies(CHECK, buy("1", limit=10_498_425_001, quote=odd))
    assert not denies(CHECK, sell("1", limit=9_498_575_000, quote=odd))
    assert denies(CHECK, sell("1", limit=9_498_574_999, quote=odd))


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (
            buy("1", limit="110", quote=AT_100),
            "the order buys 10.00 % above the reference 100.00: more than the band of 5.00 %, which ends at 105.00",
        ),
        (
            sell("1", limit="90", quote=AT_100),
            "the order sells 10.00 % below the reference 100.00: more than the band of 5.00 %, which ends at 95.00",
        ),
        (buy("1"), "there is no reference price for AAPL: send a limit order; the band is 5.00 %"),
        (buy("1", limit="1"), "there is no reference price: the order's own limit price stands"),
        (buy("1", stop_price="1"), "stops are exempt from the collar"),
    ],
)
def test_reason(order, reason):
    assert judge(CHECK, order).reason == reason


def test_without_a_quote_age_a_quote_counts_for_a_minute():
    check = armed(PriceCollar, price_collar=ratio("0.05"))
    assert denies(check, buy("1", limit="106", quote=quote("99", "101", received_at=NOW - 60 * SECOND)))
    assert not denies(check, buy("1", limit="106", quote=quote("99", "101", received_at=NOW - 61 * SECOND)))


def test_is_not_armed_without_a_band():
    assert arm(PriceCollar) is None
