import pytest

from stopline.checks.daily_loss import DailyLoss
from tests.unit.checks.build import arm, armed, buy, denies, judge, money

CHECK = armed(DailyLoss, daily_loss=money("5000"))


@pytest.mark.parametrize(
    ("pnl", "denied"),
    [
        pytest.param("0", False, id="flat"),
        pytest.param("9000", False, id="profit"),
        pytest.param("-4999.99999999", False, id="below"),
        pytest.param("-5000", True, id="at the limit"),
        pytest.param("-5000.00000001", True, id="one over"),
        pytest.param(None, True, id="no data"),
    ],
)
def test_denies_at_the_limit(pnl, denied):
    assert denies(CHECK, buy("1", limit="175", total_pnl=pnl)) is denied


def test_exits_are_exempt():
    assert not DailyLoss.binds_exits


def test_the_finding_shows_the_limit_that_was_set():
    finding = judge(CHECK, buy("1", limit="175", total_pnl="-5100"))
    assert (finding.observed, finding.limit, finding.headroom) == (money("5100"), money("5000"), money("-100"))
    assert finding.reason == "the day's P&L of -$5100.00 has reached the daily loss limit of $5000.00"
    assert judge(CHECK, buy("1", total_pnl="300")).headroom == money("5300")


def test_a_limit_of_zero_allows_no_new_risk():
    assert denies(armed(DailyLoss, daily_loss=0), buy("1", limit="175", total_pnl="0"))


def test_is_not_armed_without_a_limit():
    assert arm(DailyLoss) is None
