import pytest

from tests.unit.rules.build import AAPL, ES_DEC, MIN, NOW, account, armed, fires, held, kinds, one

RULE = armed("stale_feed", max_age=MIN)


@pytest.mark.parametrize(
    ("position", "breach"),
    [
        pytest.param(held(ES_DEC, "1", quoted_at=NOW - MIN), False, id="at the limit"),
        pytest.param(held(ES_DEC, "-1", quoted_at=NOW - MIN - 1), True, id="older"),
        pytest.param(held(ES_DEC, "1", opened_at=NOW - MIN), False, id="never a quote, young"),
        pytest.param(held(ES_DEC, "1", opened_at=NOW - MIN - 1), True, id="never a quote, old"),
        pytest.param(held(ES_DEC, "1", quoted_at=NOW - 9 * MIN, is_market_open=False), False, id="market shut"),
        pytest.param(held(ES_DEC, "1", quoted_at=NOW + MIN), False, id="a clock that stands behind"),
    ],
)
def test_fires_when_nothing_comes(position, breach):
    assert fires(RULE, account(position)) is breach


def test_tells_people_and_closes_nothing():
    verdict = one(RULE, account(held(ES_DEC, "1", quoted_at=NOW - 2 * MIN), held(AAPL, "1", quoted_at=NOW)))
    assert kinds(verdict) == ["warn", "reducing"]
    assert verdict.key == ES_DEC.instrument_id
    assert verdict.reason == f"{ES_DEC.instrument_id} is held, and its last usable quote is 2 min old; 1 min is allowed"
