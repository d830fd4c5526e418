import pytest

from stopline.checks.trade_frequency import TradeFrequency
from stopline.model.limits import RateWindow
from stopline.model.numbers import SECOND
from stopline.state.day import Day
from tests.unit.checks.build import account, arm, armed, buy, denies, judge, record, times

MINUTE, HOUR = RateWindow(3, 60 * SECOND), RateWindow(5, 3600 * SECOND)
CHECK = armed(TradeFrequency, trade_frequency=(MINUTE, HOUR))


@pytest.mark.parametrize(
    ("trades", "working", "denied"),
    [
        pytest.param((), 0, False, id="none yet"),
        pytest.param(("1", "2"), 0, False, id="at the limit"),
        pytest.param(("1", "2", "3"), 0, True, id="one over"),
        pytest.param(("1", "2", "60"), 0, False, id="exactly one window ago"),
        pytest.param(("1", "2", "59.999999999"), 0, True, id="just inside"),
        pytest.param(("1",), 1, False, id="a working entry takes a place"),
        pytest.param(("1",), 2, True, id="two take two"),
        pytest.param((), 3, True, id="working entries alone"),
        pytest.param((), 9, True, id="more working than places"),
        pytest.param(("100", "200", "300", "400"), 0, False, id="the hour, at the limit"),
        pytest.param(("100", "200", "300", "400", "500"), 0, True, id="the hour, one over"),
    ],
)
def test_denies_above_a_window(trades, working, denied):
    view = account(trade_times=times(*trades), unfilled_entries=working)
    assert denies(CHECK, buy("1", limit="175"), view) is denied


@pytest.mark.parametrize(
    ("trades", "working", "denied"),
    [
        pytest.param(1, 0, False, id="at the limit"),
        pytest.param(2, 0, True, id="one over"),
        pytest.param(1, 1, True, id="a working entry counts"),
    ],
)
def test_denies_above_the_session(trades, working, denied):
    check = armed(TradeFrequency, trades_per_session=2)
    view = account(day=Day(trades=trades), unfilled_entries=working)
    assert denies(check, buy("1", limit="175"), view) is denied


def test_exits_are_exempt():
    assert not TradeFrequency.binds_exits


def test_a_replace_is_no_new_trade():
    order = buy("1", limit="175", replaces=record(buy("1", limit="174")))
    view = account(trade_times=times("1", "2", "3"))
    assert judge(CHECK, order, view).reason == "a replace is no new trade"


def test_the_finding_shows_the_window_with_least_room():
    view = account(trade_times=times("1", "2", "3"), day=Day(trades=3))
    finding = judge(armed(TradeFrequency, trade_frequency=(MINUTE, HOUR), trades_per_session=9), buy("1"), view)
    assert (finding.observed, finding.limit) == (4, 3)
    assert finding.reason == "trade 4 in 1 min, working entries included, exceeds the limit 3"


def test_is_not_armed_without_a_limit():
    assert arm(TradeFrequency) is None
