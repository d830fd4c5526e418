import pytest

from tests.unit.rules.build import NOW, account, armed, fires, kinds, money, one, until

RULE = armed("weekly_loss", loss_limit=money("2000"))
FRIDAY = NOW + 3 * 86_400_000_000_000


@pytest.mark.parametrize(
    ("week", "breach"),
    [
        pytest.param("-1999.99999999", False, id="just above"),
        pytest.param("-2000", True, id="at the limit"),
        pytest.param("2000", False, id="a profit as large"),
    ],
)
def test_fires_at_the_limit(week, breach):
    assert fires(RULE, account(week_pnl=money(week))) is breach


def test_the_day_alone_is_not_the_week():
    assert not fires(RULE, account(total_pnl=money("-5000")))


def test_leaves_the_market_until_the_weeks_reset():
    verdict = one(RULE, account(week_pnl=money("-2000"), week_resets_at=FRIDAY))
    assert kinds(verdict) == ["cancel", "flatten", "lock"]
    assert until(verdict) == FRIDAY
