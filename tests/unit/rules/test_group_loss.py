import pytest

from tests.unit.rules.build import RESETS, account, armed, fires, kinds, money, one, until

RULE = armed("group_loss", loss_limit=money("500"))


def member(pnl):
    return account(group="desk", group_pnl=None if pnl is None else money(pnl))


@pytest.mark.parametrize(
    ("total", "breach"),
    [
        pytest.param("-499.99999999", False, id="just above"),
        pytest.param("-500", True, id="at the limit"),
        pytest.param("-500.00000001", True, id="below"),
        pytest.param(None, False, id="one account is unknown"),
    ],
)
def test_fires_at_the_limit(total, breach):
    assert fires(RULE, member(total)) is breach


def test_an_account_without_a_group_is_not_measured():
    assert not fires(RULE, account(total_pnl=money("-900"), group_pnl=money("-900")))


def test_leaves_the_market_until_the_reset():
    verdict = one(RULE, member("-510"))
    assert kinds(verdict) == ["cancel", "flatten", "lock"]
    assert until(verdict) == RESETS
    assert verdict.reason == "P&L of the day of group desk is -$510.00, at or below -$500.00"
