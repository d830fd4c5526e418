import pytest

from tests.unit.rules.build import AAPL, ES_DEC, MSFT, account, armed, closes, fires, held, money, one, qty

RULE = armed("max_unrealized_profit", target=money("500"))


@pytest.mark.parametrize(
    ("position", "breach"),
    [
        pytest.param(held(ES_DEC, "1", mark="109.75"), False, id="long, below"),
        pytest.param(held(ES_DEC, "1", mark="110"), True, id="long, at the target"),
        pytest.param(held(ES_DEC, "-1", mark="90.25"), False, id="short, below"),
        pytest.param(held(ES_DEC, "-1", mark="90"), True, id="short, at the target"),
        pytest.param(held(ES_DEC, "-1", mark="80"), True, id="short, beyond"),
        pytest.param(held(ES_DEC, "1", mark="90"), False, id="a loss as large"),
        pytest.param(held(ES_DEC, "1", mark="120", is_trusted=False), False, id="one usable quote only"),
        pytest.param(held(ES_DEC, "1"), False, id="no mark"),
        pytest.param(held(ES_DEC, "1", mark="110", session="109"), True, id="against entry, not the session's open"),
    ],
)
def test_fires_at_the_target(position, breach):
    assert fires(RULE, account(position)) is breach


def test_closes_that_position():
    verdict = one(RULE, account(held(AAPL, "100", mark="104"), held(MSFT, "-100", mark="94")))
    assert closes(verdict) == {MSFT.instrument_id: qty("100")}
    assert verdict.observed == money("600")
