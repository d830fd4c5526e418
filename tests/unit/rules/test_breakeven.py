import pytest

from tests.unit.rules.build import ES_DEC, account, armed, closes, fires, held, money, one, qty

RULE = armed("breakeven", trigger_ticks=8)
OFFSET = armed("breakeven", trigger_ticks=8, offset_ticks=2)


def at(size, mark, best, **more):
    """A position of ES at 100, ticks of 0.25: the trigger is two points away."""
    return account(held(ES_DEC, size, mark=mark, best_mark=None if best is None else money(best), **more))


@pytest.mark.parametrize(
    ("rule", "seen", "breach"),
    [
        pytest.param(RULE, at("1", "99", "101.75"), False, id="long: one tick short of the trigger"),
        pytest.param(RULE, at("1", "100.25", "102"), False, id="long: still a tick left"),
        pytest.param(RULE, at("1", "100", "102"), True, id="long: nothing left"),
        pytest.param(RULE, at("1", "95", "102"), True, id="long: a gap through it"),
        pytest.param(RULE, at("-1", "101", "98.25"), False, id="short: one tick short of the trigger"),
        pytest.param(RULE, at("-1", "99.75", "98"), False, id="short: still a tick left"),
        pytest.param(RULE, at("-1", "100", "98"), True, id="short: nothing left"),
        pytest.param(OFFSET, at("1", "100.75", "102"), False, id="offset: three ticks left"),
        pytest.param(OFFSET, at("1", "100.50", "102"), True, id="offset: two ticks left"),
        pytest.param(RULE, at("1", "95", "102", is_trusted=False), False, id="one usable quote only"),
        pytest.param(RULE, at("1", None, "102"), False, id="no mark"),
        pytest.param(RULE, at("1", "95", None), False, id="no best mark yet"),
    ],
)
def test_fires_before_a_profit_is_a_loss(rule, seen, breach):
    assert fires(rule, seen) is breach


def test_closes_it():
    verdict = one(OFFSET, at("-3", "99.75", "97"))
    assert closes(verdict) == {ES_DEC.instrument_id: qty("3")}
    assert (verdict.observed, verdict.limit) == (money("0.25"), money("0.50"))
