import pytest

from tests.unit.rules.build import RESETS, account, armed, fires, kinds, money, one, until

RULE = armed("daily_realized_profit", target=money("1000"))
FLATTENS = armed("daily_realized_profit", target=money("1000"), flatten=True)


@pytest.mark.parametrize(
    ("realized", "breach"),
    [
        pytest.param("999.99999999", False, id="just below"),
        pytest.param("1000", True, id="at the target"),
        pytest.param("1000.00000001", True, id="above"),
        pytest.param("-1000", False, id="as much lost"),
    ],
)
def test_fires_at_the_target(realized, breach):
    assert fires(RULE, account(realized=realized)) is breach


def test_ends_the_day():
    verdict = one(RULE, account(realized="1000"))
    assert kinds(verdict) == ["cancel", "lock"]
    assert until(verdict) == RESETS
    assert kinds(one(FLATTENS, account(realized="1000"))) == ["cancel", "flatten", "lock"]
