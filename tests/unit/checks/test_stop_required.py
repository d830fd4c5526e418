import pytest

from stopline.checks.stop_required import NO_STOP, WRONG_SIDE, StopRequired
from stopline.model.order import OrderClass
from tests.unit.checks.build import arm, armed, buy, judge, quote, sell

CHECK = armed(StopRequired, stop_required=True)
BRACKET = {"order_class": OrderClass.BRACKET}
MARKET = BRACKET | {"quote": quote("174.90", "175"), "worst_price": "176.75"}
"""A market order is worth a percent more than the quote; what it trades at is the quote."""


@pytest.mark.parametrize(
    ("order", "observed"),
    [
        pytest.param(buy("1", limit="175", stop_loss="170", **BRACKET), 0, id="buy, stop below"),
        pytest.param(buy("1", limit="175", stop_loss="175", **BRACKET), WRONG_SIDE, id="buy, stop at its price"),
        pytest.param(buy("1", limit="175", stop_loss="180", **BRACKET), WRONG_SIDE, id="buy, stop above"),
        pytest.param(sell("1", limit="175", stop_loss="180", **BRACKET), 0, id="sale, stop above"),
        pytest.param(sell("1", limit="175", stop_loss="170", **BRACKET), WRONG_SIDE, id="sale, stop below"),
        pytest.param(buy("1", limit="175"), NO_STOP, id="none"),
        pytest.param(buy("1", limit="175", take_profit="180", **BRACKET), NO_STOP, id="a target is no stop"),
        pytest.param(buy("1", stop_price="180"), NO_STOP, id="an entry by stop is none"),
        pytest.param(buy("1", stop_price="180", stop_loss="175", **BRACKET), 0, id="an entry by stop, protected"),
        pytest.param(
            buy("1", stop_price="180", stop_loss="185", **BRACKET), WRONG_SIDE, id="an entry by stop, wrong side"
        ),
        pytest.param(buy("1", stop_loss="170", **BRACKET), 0, id="market, no quote"),
        pytest.param(buy("1", stop_loss="174.99", **MARKET), 0, id="market buy, just below the ask"),
        pytest.param(buy("1", stop_loss="175", **MARKET), WRONG_SIDE, id="market buy, at the ask"),
        pytest.param(buy("1", stop_loss="176", **MARKET), WRONG_SIDE, id="market buy, within its buffer"),
        pytest.param(sell("1", stop_loss="174.91", **MARKET), 0, id="market sale, just above the bid"),
        pytest.param(sell("1", stop_loss="174.90", **MARKET), WRONG_SIDE, id="market sale, at the bid"),
        pytest.param(
            sell("1", stop_loss="170", **(MARKET | {"worst_price": None})), 0, id="market, a quote that is no good"
        ),
    ],
)
def test_wants_a_stop_on_the_losing_side(order, observed):
    assert judge(CHECK, order).observed == observed


def test_exits_are_exempt():
    assert not StopRequired.binds_exits


def test_reasons():
    wrong = judge(CHECK, buy("1", limit="175", stop_loss="180", **BRACKET))
    assert wrong.reason == "stop_loss 180.00 protects nothing: it must lie below the price of the entry"
    assert "needs a stop_loss" in judge(CHECK, sell("1", limit="175")).reason


def test_is_not_armed_unless_asked():
    assert arm(StopRequired) is None
