import pytest

from tests.unit.rules.build import RESETS, account, armed, fires, kinds, money, one, until

RULE = armed("daily_realized_loss", loss_limit=money("500"))


@pytest.mark.parametrize(
    ("realized", "breach"),
    [
        pytest.param("0", False, id="nothing"),
        pytest.param("500", False, id="as much won"),
        pytest.param("-499.99999999", False, id="just above"),
        pytest.param("-500", True, id="at the limit"),
        pytest.param("-500.00000001", True, id="below"),
    ],
)
def test_fires_at_the_limit(realized, breach):
    assert fires(RULE, account(realized=realized)) is breach


def test_leaves_the_market_until_the_reset():
    verdict = one(RULE, account(realized="-512.50"))
    assert kinds(verdict) == ["cancel", "flatten", "lock"]
    assert until(verdict) == RESETS
    assert verdict.reason == "realized P&L of the day is -$512.50, at or below -$500.00"


def test_without_a_session_it_locks_until_a_person_comes():
    assert until(one(RULE, account(realized="-500", session=None))) == 0
