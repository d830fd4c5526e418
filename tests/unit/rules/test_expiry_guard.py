import pytest

from tests.unit.rules.build import AAPL, ES_DEC, MIN, NOW, account, armed, closes, fires, held, one, qty

RULE = armed("expiry_guard", before=60 * MIN)


@pytest.mark.parametrize(
    ("position", "breach"),
    [
        pytest.param(held(ES_DEC, "1", expires_at=NOW + 60 * MIN + 1), False, id="just before"),
        pytest.param(held(ES_DEC, "-1", expires_at=NOW + 60 * MIN), True, id="exactly"),
        pytest.param(held(ES_DEC, "1", expires_at=NOW - MIN), True, id="expired"),
        pytest.param(held(ES_DEC, "1"), False, id="nobody knows when"),
    ],
)
def test_fires_before_the_end(position, breach):
    assert fires(RULE, account(position)) is breach


def test_closes_that_position():
    verdict = one(RULE, account(held(AAPL, "5"), held(ES_DEC, "-2", expires_at=NOW + MIN)))
    assert closes(verdict) == {ES_DEC.instrument_id: qty("2")}
    assert verdict.reason == (
        f"{ES_DEC.instrument_id} stops trading at 2026-01-06T17:01:00Z, and may be held until 1 h before"
    )
