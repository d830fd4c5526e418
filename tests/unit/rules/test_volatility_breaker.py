import pytest

from tests.unit.rules.build import AAPL, ES_DEC, MIN, NOW, account, armed, fires, kinds, one, ratio, samples, until

RULE = armed("volatility_breaker", move=ratio("0.05"), window=MIN, cooldown=10 * MIN)


def at(*pairs):
    return account(prices={ES_DEC.instrument_id: samples(*pairs)})


@pytest.mark.parametrize(
    ("seen", "breach"),
    [
        pytest.param(at((30, "100"), (0, "104.99")), False, id="up, just less"),
        pytest.param(at((30, "100"), (0, "105")), True, id="up, exactly"),
        pytest.param(at((30, "100"), (0, "95")), True, id="down, exactly"),
        pytest.param(at((50, "100"), (30, "103"), (10, "98"), (0, "100")), True, id="both ways"),
        pytest.param(at((60, "100"), (0, "106")), True, id="exactly one window old"),
        pytest.param(at((61, "100"), (0, "106")), False, id="older than the window"),
        pytest.param(at((30, "-100"), (0, "-106")), True, id="negative prices"),
        pytest.param(at((30, "0"), (0, "106")), False, id="of a price of zero there is no share"),
        pytest.param(account(), False, id="no prices"),
    ],
)
def test_fires_on_a_wide_range(seen, breach):
    assert fires(RULE, seen) is breach


def test_rests_and_closes_nothing():
    verdict = one(RULE, account(prices={AAPL.instrument_id: samples((30, "100")), **at((9, "100"), (0, "94")).prices}))
    assert kinds(verdict) == ["cancel", "cooldown"]
    assert until(verdict) == NOW + 10 * MIN
    assert verdict.reason == f"{ES_DEC.instrument_id} moved 6.00 % within 1 min, the limit is 5.00 %"
