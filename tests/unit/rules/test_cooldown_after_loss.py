import pytest

from stopline.model.rules import LossTier
from tests.unit.rules.build import MIN, NOW, account, armed, fires, kinds, money, one, trip, until

TIERS = (LossTier(money("500"), 60 * MIN), LossTier(money("100"), 5 * MIN))
RULE = armed("cooldown_after_loss", tiers=TIERS)


@pytest.mark.parametrize(
    ("realized", "ago_s", "breach"),
    [
        pytest.param("-99.99999999", 0, False, id="just above the first tier"),
        pytest.param("-100", 0, True, id="at the first tier"),
        pytest.param("100", 0, False, id="a profit as large"),
        pytest.param("-100", 299, True, id="the last second of its cooldown"),
        pytest.param("-100", 300, False, id="over"),
        pytest.param("-499.99999999", 300, False, id="just above the second tier"),
        pytest.param("-500", 300, True, id="at the second tier"),
        pytest.param("-5000", 3600, False, id="the longest is over"),
    ],
)
def test_cools_down_by_tier(realized, ago_s, breach):
    assert fires(RULE, account(trips=(trip(1, realized, ago_s=ago_s),))) is breach


def test_from_the_fill_that_closed_the_trade():
    verdict = one(RULE, account(trips=(trip(1, "-120", ago_s=60),)))
    assert kinds(verdict) == ["cancel", "cooldown"]
    assert until(verdict) == NOW + 4 * MIN
    assert verdict.key == "trip:1"
    assert verdict.reason == "a trade ended at -$120.00, at or below -$100.00: 5 min of rest"


def test_every_loss_is_a_breach_of_its_own():
    seen = account(trips=(trip(1, "-600", ago_s=60), trip(2, "50", ago_s=30), trip(3, "-100")))
    verdicts = RULE.evaluate(seen)
    assert [(each.key, until(each)) for each in verdicts] == [("trip:1", NOW + 59 * MIN), ("trip:3", NOW + 5 * MIN)]


def test_losses_do_not_add_up():
    assert not fires(RULE, account(trips=(trip(1, "-60", ago_s=2), trip(2, "-60", ago_s=1))))
