import pytest

from stopline.model.limits import RateWindow
from stopline.model.numbers import SECOND
from tests.unit.rules.build import MIN, NOW, account, armed, fires, kinds, one, times, until

RULE = armed("error_burst", window=RateWindow(3, MIN))


@pytest.mark.parametrize(
    ("ages", "breach"),
    [
        pytest.param((), False, id="none"),
        pytest.param((20, 10), False, id="two"),
        pytest.param((59, 10, 0), True, id="three within the minute"),
        pytest.param((60, 10, 0), False, id="the first is exactly a minute old"),
        pytest.param((50, 40, 30, 20), True, id="more"),
    ],
)
def test_fires_at_the_limit(ages, breach):
    assert fires(RULE, account(error_times=times(*ages))) is breach


def test_stops_until_a_person_comes():
    verdict = one(RULE, account(error_times=times(2, 1, 0)))
    assert kinds(verdict) == ["cancel", "lock"]
    assert until(verdict) == 0


def test_or_for_a_while():
    rule = armed("error_burst", window=RateWindow(1, MIN), cooldown=5 * MIN)
    verdict = one(rule, account(error_times=times(7)))
    assert kinds(verdict) == ["cancel", "cooldown"]
    assert until(verdict) == NOW - 7 * SECOND + 5 * MIN
    assert "1 " in verdict.reason
    assert "within 1 min, the limit is 1" in verdict.reason


def test_counts_its_own_log():
    assert not fires(RULE, account(reject_times=times(2, 1, 0)))
