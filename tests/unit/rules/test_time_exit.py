import pytest

from stopline.model.calendar import Session
from tests.unit.rules.build import AAPL, ES_DEC, MIN, NOW, account, armed, closes, fires, held, one, qty

HOLD = armed("time_exit", max_hold=30 * MIN)
LATE = armed("time_exit", before_reset=15 * MIN)


@pytest.mark.parametrize(
    ("opened", "breach"),
    [
        pytest.param(NOW - 30 * MIN + 1, False, id="just before"),
        pytest.param(NOW - 30 * MIN, True, id="exactly"),
        pytest.param(NOW - 300 * MIN, True, id="long after"),
        pytest.param(NOW + MIN, False, id="a clock that stands behind"),
    ],
)
def test_closes_what_is_held_too_long(opened, breach):
    assert fires(HOLD, account(held(ES_DEC, "-1", opened_at=opened))) is breach


@pytest.mark.parametrize(
    ("resets", "breach"),
    [
        pytest.param(NOW + 15 * MIN + 1, False, id="just before"),
        pytest.param(NOW + 15 * MIN, True, id="exactly"),
        pytest.param(NOW - 1, True, id="past it"),
    ],
)
def test_closes_what_is_held_late(resets, breach):
    session = Session("2026-01-06", 0, resets, "2026a")
    assert fires(LATE, account(held(ES_DEC, "1"), session=session)) is breach
    assert not fires(LATE, account(session=session))


def test_nobody_knows_when_the_day_ends():
    assert not fires(LATE, account(held(ES_DEC, "1"), session=None))


def test_closes_that_position_only():
    old, young = held(ES_DEC, "2", opened_at=NOW - 45 * MIN), held(AAPL, "5", opened_at=NOW - MIN)
    verdict = one(HOLD, account(old, young))
    assert closes(verdict) == {ES_DEC.instrument_id: qty("2")}
    assert verdict.reason == f"{ES_DEC.instrument_id} is held for 45 min, the limit is 30 min"
