import pytest

from tests.unit.rules.build import RESETS, account, armed, fires, kinds, money, one, until

RULE = armed("daily_total_loss", loss_limit=money("500"))


@pytest.mark.parametrize(
    ("total", "breach"),
    [
        pytest.param("-499.99999999", False, id="just above"),
        pytest.param("-500", True, id="at the limit"),
        pytest.param("-500.00000001", True, id="below"),
        pytest.param("500", False, id="a profit as large"),
    ],
)
def test_fires_at_the_limit(total, breach):
    assert fires(RULE, account(total_pnl=money(total))) is breach


def test_unknown_is_no_breach():
    assert not fires(RULE, account(realized="-9000"))


def test_leaves_the_market_until_the_reset():
    verdict = one(RULE, account(total_pnl=money("-510")))
    assert kinds(verdict) == ["cancel", "flatten", "lock"]
    assert until(verdict) == RESETS
    assert verdict.reason == "P&L of the day, open positions included, is -$510.00, at or below -$500.00"
