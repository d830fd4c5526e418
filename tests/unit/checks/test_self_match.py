import pytest

from stopline.checks.self_match import SelfMatch
from tests.unit.checks.build import AAPL, arm, armed, buy, denies, held, judge, quote, sell

CHECK = armed(SelfMatch, self_match=True)
RESTING = held(AAPL, 0, best_resting_buy="99", best_resting_sell="101")
ONLY_BUYS = held(AAPL, 0, best_resting_buy="99")


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("1", limit="100.99", position=RESTING), False, id="buy, one tick below"),
        pytest.param(buy("1", limit="101", position=RESTING), True, id="buy, equal"),
        pytest.param(buy("1", limit="102", position=RESTING), True, id="buy, above"),
        pytest.param(sell("1", limit="99.01", position=RESTING), False, id="sale, one tick above"),
        pytest.param(sell("1", limit="99", position=RESTING), True, id="sale, equal"),
        pytest.param(sell("1", limit="98", position=RESTING), True, id="sale, below"),
        pytest.param(buy("1", position=RESTING), True, id="market, no quote"),
        pytest.param(buy("1", position=RESTING, quote=quote("99.98", "100")), True, id="market, own order within 1 %"),
        pytest.param(buy("1", position=RESTING, quote=quote("99.98", "99.99")), False, id="market, own order beyond"),
        pytest.param(sell("1", position=RESTING, quote=quote("100", "100.02")), True, id="market sale within 1 %"),
        pytest.param(sell("1", position=RESTING, quote=quote("100.01", "100.02")), False, id="market sale beyond"),
        pytest.param(buy("1", position=RESTING, quote=quote("1", "100")), True, id="market, stub quote"),
        pytest.param(buy("1", stop_price="110", position=RESTING), True, id="stop"),
        pytest.param(buy("1", limit="100", stop_price="110", position=RESTING), False, id="stop limit below"),
        pytest.param(buy("1", limit="111", stop_price="110", position=RESTING), True, id="stop limit above"),
        pytest.param(buy("1", position=ONLY_BUYS), False, id="its own side"),
        pytest.param(sell("1", position=ONLY_BUYS), True, id="a market sale"),
        pytest.param(buy("1"), False, id="no data: nothing rests"),
    ],
)
def test_denies_what_would_meet_its_own_order(order, denied):
    assert denies(CHECK, order) is denied


def test_exits_are_exempt():
    assert not SelfMatch.binds_exits


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (
            buy("1", position=RESTING),
            "would trade with the account's own sell order resting at 101.00: "
            "buy with a limit below it, or cancel it first",
        ),
        (
            sell("1", limit="99", position=RESTING),
            "would trade with the account's own buy order resting at 99.00: "
            "sell with a limit above it, or cancel it first",
        ),
        (
            buy("1", limit="100", position=RESTING),
            "does not reach the account's own sell order resting at 101.00",
        ),
        (buy("1"), "nothing of the account's own rests on the other side"),
    ],
)
def test_reason(order, reason):
    assert judge(CHECK, order).reason == reason


def test_is_not_armed_unless_asked():
    assert arm(SelfMatch) is None
