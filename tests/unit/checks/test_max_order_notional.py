import pytest

from stopline.checks.max_order_notional import MaxOrderNotional
from stopline.model.instrument import AssetClass
from tests.unit.checks.build import AAPL, BTC, ES_DEC, EURUSD, arm, armed, buy, denies, judge, money, sell

CHECK = armed(MaxOrderNotional, max_order_notional=money("1000"))


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("5", limit="199.99"), False, id="below"),
        pytest.param(buy("5", limit="200.00"), False, id="at the limit"),
        pytest.param(buy("5", limit="200.01"), True, id="one tick above"),
        pytest.param(buy("5", limit="200", order_notional=money("1000") + 1), True, id="one over"),
        pytest.param(buy("1"), True, id="market order, no quote"),
        pytest.param(sell("5", limit="200.01"), True, id="a sale"),
    ],
)
def test_denies_above_the_limit(order, denied):
    assert denies(CHECK, order) is denied


def test_exits_are_exempt():
    assert not MaxOrderNotional.binds_exits


def test_the_message_is_that_of_document_001():
    finding = judge(CHECK, buy("100", limit="175.00"))
    assert finding.reason == "Order size exceeds limit: $17500.00 > $1000.00"
    assert (finding.observed, finding.limit, finding.headroom) == (
        money("17500"),
        money("1000"),
        money("-16500"),
    )


@pytest.mark.parametrize(
    ("instrument", "classes", "is_armed"),
    [
        pytest.param(AAPL, None, True, id="equity"),
        pytest.param(BTC, None, True, id="crypto"),
        pytest.param(EURUSD, None, True, id="currency"),
        pytest.param(ES_DEC, None, False, id="a future is worth more than any default"),
        pytest.param(ES_DEC, (AssetClass.FUTURE,), True, id="a future, if so said"),
        pytest.param(AAPL, (AssetClass.FUTURE,), False, id="futures only"),
    ],
)
def test_speaks_of_the_money_classes(instrument, classes, is_armed):
    limits = {} if classes is None else {"money_classes": classes}
    check = arm(MaxOrderNotional, instrument, max_order_notional=money("1000"), **limits)
    assert (check is not None) is is_armed


def test_is_not_armed_without_a_limit():
    assert arm(MaxOrderNotional) is None
