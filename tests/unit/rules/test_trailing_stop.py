import pytest

from tests.unit.rules.build import ES_DEC, account, armed, closes, fires, held, money, one, qty

RULE = armed("trailing_stop", ticks=8)
LATER = armed("trailing_stop", ticks=8, arm_ticks=12)


def at(size, mark, best, **more):
    """A position of ES at 100, ticks of 0.25: eight ticks are two points."""
    return account(held(ES_DEC, size, mark=mark, best_mark=None if best is None else money(best), **more))


@pytest.mark.parametrize(
    ("seen", "breach"),
    [
        pytest.param(at("1", "103.25", "105"), False, id="long: seven ticks back"),
        pytest.param(at("1", "103", "105"), True, id="long: eight"),
        pytest.param(at("1", "90", "105"), True, id="long: far back"),
        pytest.param(at("-1", "96.75", "95"), False, id="short: seven ticks back"),
        pytest.param(at("-1", "97", "95"), True, id="short: eight"),
        pytest.param(at("1", "98", "100"), True, id="never in profit: from the entry's own mark"),
        pytest.param(at("1", "90", "105", is_trusted=False), False, id="one usable quote only"),
        pytest.param(at("1", None, "105"), False, id="no mark"),
        pytest.param(at("1", "90", None), False, id="no best mark yet"),
    ],
)
def test_fires_at_the_distance(seen, breach):
    assert fires(RULE, seen) is breach


@pytest.mark.parametrize(
    ("seen", "breach"),
    [
        pytest.param(at("1", "90", "102.75"), False, id="long: one tick short of arming"),
        pytest.param(at("1", "101", "103"), True, id="long: armed"),
        pytest.param(at("-1", "110", "97.25"), False, id="short: one tick short of arming"),
        pytest.param(at("-1", "99", "97"), True, id="short: armed"),
    ],
)
def test_waits_until_it_is_armed(seen, breach):
    assert fires(LATER, seen) is breach


def test_closes_it():
    verdict = one(RULE, at("-2", "98", "95"))
    assert closes(verdict) == {ES_DEC.instrument_id: qty("2")}
    assert verdict.reason == f"{ES_DEC.instrument_id} is 3.00 behind its best mark of 95.00, 2.00 is allowed"
