import pytest

from tests.unit.rules.build import MIN, NOW, RESETS, account, armed, fires, kinds, one, trip, until

RULE = armed("consecutive_losses", count=3)
RESTS = armed("consecutive_losses", count=3, cooldown=10 * MIN)


def trips(*results, ago_s=0):
    return account(trips=tuple(trip(n, result, ago_s=ago_s) for n, result in enumerate(results, start=1)))


@pytest.mark.parametrize(
    ("results", "breach"),
    [
        pytest.param((), False, id="no trade"),
        pytest.param(("-1", "-1"), False, id="two"),
        pytest.param(("-1", "-1", "-1"), True, id="three"),
        pytest.param(("5", "-1", "-1", "-1"), True, id="three after a win"),
        pytest.param(("-1", "-1", "5", "-1"), False, id="a win between"),
        pytest.param(("-1", "-1", "0", "-1"), False, id="one that made nothing between"),
        pytest.param(("-1", "-1", "-1", "0.00000001"), False, id="a win at last"),
        pytest.param(("-1", "-1", "-1", "-1"), True, id="four"),
    ],
)
def test_fires_at_the_limit(results, breach):
    assert fires(RULE, trips(*results)) is breach


def test_locks_until_the_reset():
    verdict = one(RULE, trips("-1", "-1", "-1"))
    assert kinds(verdict) == ["cancel", "lock"]
    assert until(verdict) == RESETS
    assert verdict.reason == "3 losing trades in a row, the limit is 3"


def test_a_rest_begins_with_the_last_loss_and_ends():
    verdict = one(RESTS, trips("-1", "-1", "-1", ago_s=599))
    assert kinds(verdict) == ["cancel", "cooldown"]
    assert until(verdict) == NOW + 1_000_000_000
    assert not fires(RESTS, trips("-1", "-1", "-1", ago_s=600))


def test_another_loss_is_another_breach():
    assert one(RESTS, trips("-1", "-1", "-1")).key == "trip:3"
    assert one(RESTS, trips("-1", "-1", "-1", "-1")).key == "trip:4"
