import pytest

from stopline.model.limits import RateWindow
from stopline.model.numbers import SECOND
from tests.unit.rules.build import MIN, NOW, RESETS, account, armed, fires, kinds, one, times, until

RULE = armed("trade_frequency", windows=(RateWindow(3, MIN), RateWindow(5, 60 * MIN)))


@pytest.mark.parametrize(
    ("ages", "breach"),
    [
        pytest.param((), False, id="none"),
        pytest.param((30, 20, 10), False, id="at the limit"),
        pytest.param((59, 20, 10, 0), True, id="one more within the minute"),
        pytest.param((60, 20, 10, 0), False, id="the first is exactly a minute old"),
        pytest.param((3000, 2000, 1000, 500, 400), False, id="at the limit of the hour"),
        pytest.param((3599, 3000, 2000, 1000, 500, 400), True, id="one more within the hour"),
        pytest.param((3600, 3000, 2000, 1000, 500, 400), False, id="exactly an hour old"),
    ],
)
def test_fires_above_the_limit(ages, breach):
    assert fires(RULE, account(trade_times=times(*ages))) is breach


def test_waits_until_the_window_has_room_again():
    """Four in a minute, and three are allowed: room for one when the second oldest is a minute old."""
    verdict = one(RULE, account(trade_times=times(50, 40, 10, 0)))
    assert kinds(verdict) == ["cancel", "cooldown"]
    assert until(verdict) == NOW + 20_000_000_000
    assert verdict.reason == "4 trades within 1 min, and 3 may be made"
    assert verdict.key == "1 min"


def test_a_cooldown_of_ones_own():
    rule = armed("trade_frequency", windows=(RateWindow(1, MIN),), cooldown=15 * MIN)
    assert until(one(rule, account(trade_times=times(9, 4)))) == NOW - 4 * SECOND + 15 * MIN


def test_the_session_has_its_own_count():
    rule = armed("trade_frequency", per_session=20)
    assert not fires(rule, account(session_trades=20))
    verdict = one(rule, account(session_trades=21))
    assert until(verdict) == RESETS
    assert verdict.key == "session"


def test_windows_are_breaches_of_their_own():
    ages = (50, 40, 30, 20, 10, 0)
    assert [verdict.key for verdict in RULE.evaluate(account(trade_times=times(*ages)))] == ["1 min", "1 h"]
