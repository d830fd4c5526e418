"""Acting before a limit: so much money, and so many ticks of all that is held."""

import pytest

from stopline.model.numbers import render_money
from stopline.model.rules import DrawdownKind
from tests.unit.rules.build import ES_DEC, account, armed, fires, held, money, one

DAY = armed("daily_total_loss", loss_limit=money("1000"), buffer=money("100"), buffer_ticks=2)
WEEK = armed("weekly_loss", loss_limit=money("1000"), buffer=money("100"), buffer_ticks=2)
FLOOR = armed("max_drawdown", loss_limit=money("2000"), kind=DrawdownKind.STATIC, buffer=money("100"), buffer_ticks=2)


def at(rule, loss, *positions):
    """An account that has lost so much, today, this week and in all."""
    lost = money(loss)
    return account(
        *positions, total_pnl=-lost, week_pnl=-lost, equity=money("50000") - lost, start_equity=money("50000")
    )


@pytest.mark.parametrize(("rule", "limit"), [(DAY, "1000"), (WEEK, "1000"), (FLOOR, "2000")])
@pytest.mark.parametrize(
    ("positions", "buffer"),
    [
        pytest.param((), "100", id="flat: the money alone"),
        pytest.param((held(ES_DEC, "3", mark="100"),), "175", id="three ES: two ticks of 12.50 each"),
        pytest.param((held(ES_DEC, "-3", mark="100"), held(ES_DEC, "1", mark="100")), "200", id="long and short alike"),
    ],
)
def test_acts_that_much_earlier(rule, limit, positions, buffer):
    acts_at = money(limit) - money(buffer)
    assert not fires(rule, at(rule, render_money(acts_at - 1), *positions))
    assert fires(rule, at(rule, render_money(acts_at), *positions))


def test_says_both_the_limit_and_where_it_acts():
    said = one(DAY, at(DAY, "900")).reason
    assert said.endswith("at or below -$900.00 ($1000.00 may be lost, less a buffer of $100.00)")
