import pytest

from tests.unit.rules.build import ES_DEC, account, armed, fires, held, kinds, money, one, ratio

RULE = armed("margin_call")
EARLY = armed("margin_call", buffer=ratio("0.10"))


def at(equity, margin="18000", *, flat=False):
    return account(
        *(() if flat else (held(ES_DEC, "1", mark="100"),)),
        equity=None if equity is None else money(equity),
        maintenance_margin=None if margin is None else money(margin),
    )


@pytest.mark.parametrize(
    ("rule", "seen", "breach"),
    [
        pytest.param(RULE, at("18000.01"), False, id="above"),
        pytest.param(RULE, at("18000"), True, id="exactly"),
        pytest.param(RULE, at("-5"), True, id="negative equity"),
        pytest.param(EARLY, at("19800.01"), False, id="above the buffer"),
        pytest.param(EARLY, at("19800"), True, id="exactly at the buffer"),
        pytest.param(RULE, at(None), False, id="equity unknown"),
        pytest.param(RULE, at("1", None), False, id="margin unknown"),
        pytest.param(RULE, at("0", "0", flat=True), False, id="flat and empty"),
    ],
)
def test_fires_at_the_margin(rule, seen, breach):
    assert fires(rule, seen) is breach


def test_leaves_the_market():
    verdict = one(EARLY, at("19000"))
    assert kinds(verdict) == ["cancel", "flatten", "reducing"]
    assert (verdict.observed, verdict.limit) == (money("19000"), money("19800"))
