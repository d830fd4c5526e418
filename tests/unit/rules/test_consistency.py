import pytest

from stopline.model.numbers import RATIO_ONE
from tests.unit.rules.build import account, armed, fires, kinds, money, one

HALF = armed("consistency", share=RATIO_ONE // 2)


def days(made, best, today="0"):
    return account(
        equity=money("50000") + money(made), start_equity=money("50000"), best_day=money(best), total_pnl=money(today)
    )


@pytest.mark.parametrize(
    ("made", "best", "today", "breach"),
    [
        pytest.param("1000", "500", "0", False, id="exactly half"),
        pytest.param("1000", "500.01", "0", True, id="a cent more"),
        pytest.param("1000", "100", "600", True, id="today is the best"),
        pytest.param("-1000", "500", "0", False, id="nothing made in all"),
        pytest.param("0", "500", "0", False, id="given back"),
        pytest.param("1000", "0", "0", False, id="no day was a profit"),
    ],
)
def test_fires_above_the_share(made, best, today, breach):
    assert fires(HALF, days(made, best, today)) is breach


def test_unknown_is_no_breach():
    known = {"start_equity": money("1"), "best_day": money("1"), "equity": money("2"), "total_pnl": money("1")}
    for name in ("start_equity", "equity", "total_pnl"):
        assert not fires(HALF, account(**(known | {name: None})))


def test_only_tells():
    verdict = one(HALF, days("1000", "800"))
    assert kinds(verdict) == ["warn"]
    assert verdict.reason == "the best day made $800.00 of $1000.00: 80.00 %, and 50.00 % may be"
