import pytest

from stopline.model.market_hours import MarketSpan, parse_hours
from tests.unit.rules.build import ES_DEC, MIN, NOW, account, armed, fires, held, kinds, one, until

HOURS = parse_hours("09:30 12:00")
RULE = armed("session_block", hours=HOURS)
FLATTENS = armed("session_block", hours=HOURS, flatten=True)
TOMORROW = MarketSpan(NOW + 1_000 * MIN, NOW + 1_150 * MIN)


@pytest.mark.parametrize(
    ("opens", "closes", "breach"),
    [
        pytest.param(NOW - MIN, NOW + 1, False, id="the last instant within"),
        pytest.param(NOW - MIN, NOW, True, id="the instant of closing"),
        pytest.param(NOW, NOW + MIN, False, id="the instant of opening"),
        pytest.param(NOW + 1, NOW + MIN, True, id="just before the opening"),
    ],
)
def test_fires_outside_the_hours(opens, closes, breach):
    assert fires(RULE, account(trading_hours=(MarketSpan(opens, closes), TOMORROW))) is breach


def test_locks_until_the_next_opening():
    verdict = one(RULE, account(held(ES_DEC, "1"), trading_hours=(MarketSpan(NOW - MIN, NOW), TOMORROW)))
    assert kinds(verdict) == ["cancel", "lock"]
    assert until(verdict) == TOMORROW.opens_at
    assert verdict.reason == "outside the account's hours (09:30 12:00)"


def test_flattens_where_configured():
    assert kinds(one(FLATTENS, account(held(ES_DEC, "1"), trading_hours=(TOMORROW,)))) == ["cancel", "flatten", "lock"]
    assert kinds(one(FLATTENS, account(trading_hours=(TOMORROW,)))) == ["cancel", "lock"]


def test_where_no_opening_is_known_a_person_must_come():
    assert until(one(RULE, account(trading_hours=(MarketSpan(NOW - 2 * MIN, NOW - MIN),)))) == 0


def test_says_nothing_while_nobody_knows_the_hours():
    assert not fires(RULE, account())
    assert [reading.observed for reading in RULE.readings(account())] == [None]
