import pytest

from stopline.model.breach import RuleScope
from tests.unit.rules.build import AAPL, ES_DEC, MSFT, account, armed, closes, fires, held, money, one, qty

RULE = armed("daily_unrealized_loss", loss_limit=money("500"))
WHOLE = armed("daily_unrealized_loss", loss_limit=money("500"), scope=RuleScope.ACCOUNT)


@pytest.mark.parametrize(
    ("position", "breach"),
    [
        pytest.param(held(AAPL, "100", mark="95.01"), False, id="long, above"),
        pytest.param(held(AAPL, "100", mark="95"), True, id="long, at the limit"),
        pytest.param(held(AAPL, "-100", mark="104.99"), False, id="short, above"),
        pytest.param(held(AAPL, "-100", mark="105"), True, id="short, at the limit"),
        pytest.param(held(AAPL, "-100", mark="105.01"), True, id="short, below"),
        pytest.param(held(AAPL, "100", mark="80", is_trusted=False), False, id="one usable quote only"),
        pytest.param(held(AAPL, "100"), False, id="no mark"),
        pytest.param(held(AAPL, "100", entry="150", mark="100.5", session="100"), False, id="carried over: up today"),
        pytest.param(held(AAPL, "100", entry="50", mark="95", session="100"), True, id="carried over: down today"),
    ],
)
def test_fires_at_the_limit(position, breach):
    assert fires(RULE, account(position)) is breach


def test_closes_the_losing_position_only():
    verdict = one(RULE, account(held(AAPL, "100", mark="94"), held(MSFT, "100", mark="96")))
    assert closes(verdict) == {AAPL.instrument_id: qty("100")}
    assert (verdict.observed, verdict.limit, verdict.key) == (money("-600"), money("-500"), AAPL.instrument_id)
    assert verdict.scope is RuleScope.POSITION


def test_positions_do_not_add_up():
    assert not fires(RULE, account(held(AAPL, "100", mark="96"), held(MSFT, "100", mark="96")))


def test_of_the_account_they_do_and_the_worst_goes_until_the_rest_is_in_bounds():
    seen = account(held(AAPL, "100", mark="97"), held(MSFT, "100", mark="96"), held(ES_DEC, "-1", mark="99"))
    verdict = one(WHOLE, account(*seen.positions[:2]))
    assert closes(verdict) == {MSFT.instrument_id: qty("100")}
    assert verdict.scope is RuleScope.ACCOUNT
    assert not fires(WHOLE, account(held(AAPL, "100", mark="97"), held(MSFT, "100", mark="98.01")))
    assert fires(WHOLE, account(held(AAPL, "100", mark="97"), held(MSFT, "100", mark="98")))


def test_several_go_where_one_is_not_enough():
    seen = account(held(AAPL, "100", mark="94"), held(MSFT, "100", mark="93"), held(ES_DEC, "-1", mark="100"))
    assert closes(one(WHOLE, seen)) == {MSFT.instrument_id: qty("100"), AAPL.instrument_id: qty("100")}


def test_of_the_account_one_unpriced_position_makes_it_unknown():
    assert not fires(WHOLE, account(held(AAPL, "100", mark="80"), held(MSFT, "1")))
