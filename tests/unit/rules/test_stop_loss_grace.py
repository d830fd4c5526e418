import pytest

from tests.unit.rules.build import ES_DEC, MIN, NOW, account, armed, closes, fires, held, one, qty

LATE = NOW - 3 * MIN
RULE = armed("stop_loss_grace", grace=2 * MIN)
NEVER = armed("stop_loss_grace", grace=0)


@pytest.mark.parametrize(
    ("position", "breach"),
    [
        pytest.param(held(ES_DEC, "2", unprotected_since=NOW - 2 * MIN + 1), False, id="just before"),
        pytest.param(held(ES_DEC, "2", unprotected_since=NOW - 2 * MIN), False, id="at the grace"),
        pytest.param(held(ES_DEC, "2", unprotected_since=NOW - 2 * MIN - 1), True, id="after it"),
        pytest.param(held(ES_DEC, "-2", unprotected_since=LATE), True, id="short"),
        pytest.param(held(ES_DEC, "2", unprotected_since=LATE, stop_qty=qty("1")), True, id="half a stop"),
        pytest.param(held(ES_DEC, "-2", unprotected_since=LATE, stop_qty=qty("2")), False, id="a whole one"),
        pytest.param(held(ES_DEC, "2", unprotected_since=LATE, target_qty=qty("2")), True, id="a target is none"),
        pytest.param(held(ES_DEC, "2", opened_at=LATE), True, id="since it was opened"),
    ],
)
def test_closes_after_the_grace(position, breach):
    assert fires(RULE, account(position)) is breach


def test_with_a_grace_of_nothing_at_once():
    assert fires(NEVER, account(held(ES_DEC, "1", unprotected_since=NOW)))
    assert not fires(NEVER, account(held(ES_DEC, "1", stop_qty=qty("1"))))


def test_says_how_much_has_no_stop():
    position = held(ES_DEC, "-3", unprotected_since=NOW - 5 * MIN, stop_qty=qty("1"))
    verdict = one(RULE, account(position))
    assert closes(verdict) == {ES_DEC.instrument_id: qty("3")}
    assert verdict.reason == f"2 of {ES_DEC.instrument_id} without a stop for 5 min, 2 min is allowed"


def test_a_clock_that_stands_behind_makes_no_negative_time():
    assert not fires(RULE, account(held(ES_DEC, "1", unprotected_since=NOW + MIN)))
