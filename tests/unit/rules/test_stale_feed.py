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
        pytest.param(
            held(ES_DEC, "1", quoted_at=NOW - 9 * MIN, quotes_since=NOW - MIN), False, id="its market has just opened"
        ),
        pytest.param(
            held(ES_DEC, "1", quoted_at=NOW - 9 * MIN, quotes_since=NOW - MIN - 1), True, id="open, and nothing comes"
        ),
        pytest.param(held(ES_DEC, "1", quoted_at=NOW + MIN), False, id="a clock that stands behind"),
    ],
)
def test_fires_when_nothing_comes(position, breach):
    assert fires(RULE, account(position)) is breach


def test_tells_people_and_closes_nothing():
    verdict = one(RULE, account(held(ES_DEC, "1", quoted_at=NOW - 2 * MIN), held(AAPL, "1", quoted_at=NOW)))
    assert kinds(verdict) == ["warn", "reducing"]
    assert verdict.key == ES_DEC.instrument_id
    assert (
        verdict.reason
        == f"{ES_DEC.instrument_id} is held, and no usable quote of it has come for 2 min; 1 min is allowed"
    )


def test_a_breach_from_before_stands_until_a_quote_comes():
    """After a start nobody knows whether the feed is any better."""
    silent = held(ES_DEC, "1", opened_at=NOW - 9 * MIN, quotes_since=NOW)
    assert RULE.judge(account(silent)) == ((), (ES_DEC.instrument_id,))
    assert RULE.judge(account(held(ES_DEC, "1", quoted_at=NOW, quotes_since=NOW))) == ((), ())
