import pytest

from stopline.state.situation import BrokerSeen
from tests.unit.rules.build import MIN, NOW, account, armed, fires, kinds, one

AT_ONCE = armed("position_mismatch")
LATER = armed("position_mismatch", grace=MIN)


def differing(since, **more):
    return account(broker=BrokerSeen(mismatch="AAPL: ours 5, theirs 3", mismatch_since=since, **more))


@pytest.mark.parametrize(
    ("rule", "seen", "breach"),
    [
        pytest.param(AT_ONCE, account(), False, id="equal"),
        pytest.param(AT_ONCE, differing(NOW), True, id="at once"),
        pytest.param(LATER, differing(NOW - MIN), False, id="at the grace"),
        pytest.param(LATER, differing(NOW - MIN - 1), True, id="after it"),
        pytest.param(LATER, differing(NOW - 9 * MIN, is_connected=False), False, id="not connected"),
    ],
)
def test_fires_while_the_books_differ(rule, seen, breach):
    assert fires(rule, seen) is breach


def test_names_the_difference_and_closes_nothing():
    verdict = one(LATER, differing(NOW - 2 * MIN))
    assert kinds(verdict) == ["warn", "reducing"]
    assert verdict.reason == "our book differs from the broker's for 2 min: AAPL: ours 5, theirs 3"
