import pytest

from tests.unit.rules.build import MIN, NOW, account, armed, fires, kinds, money, one, samples, until

RULE = armed("loss_velocity", loss_limit=money("300"), window=MIN)
RESTS = armed("loss_velocity", loss_limit=money("300"), window=MIN, cooldown=5 * MIN, flatten=False)


def at(*pairs):
    marks = samples(*pairs)
    return account(pnl_marks=marks, total_pnl=marks[-1].value)


@pytest.mark.parametrize(
    ("seen", "breach"),
    [
        pytest.param(at((30, "0"), (0, "-299.99")), False, id="just less"),
        pytest.param(at((30, "0"), (0, "-300")), True, id="exactly"),
        pytest.param(at((60, "900"), (0, "600")), True, id="of a day that is won; exactly one window old"),
        pytest.param(at((61, "900"), (0, "600")), False, id="older than the window"),
        pytest.param(at((50, "0"), (30, "200"), (0, "-100")), True, id="from the top between"),
        pytest.param(at((50, "-500"), (0, "-200")), False, id="won back"),
        pytest.param(
            at(
                (0, "-9000"),
            ),
            False,
            id="one figure is no fall",
        ),
    ],
)
def test_fires_on_a_fast_loss(seen, breach):
    assert fires(RULE, seen) is breach


def test_unknown_is_no_breach():
    assert not fires(RULE, account())
    assert not fires(RULE, account(pnl_marks=samples((30, "0"), (0, "-900"))))


def test_leaves_until_a_person_comes():
    verdict = one(RULE, at((30, "0"), (0, "-310")))
    assert kinds(verdict) == ["cancel", "flatten", "lock"]
    assert until(verdict) == 0
    assert verdict.reason == "$310.00 lost within 1 min, the limit is $300.00"


def test_or_only_rests():
    verdict = one(RESTS, at((30, "0"), (0, "-310")))
    assert kinds(verdict) == ["cancel", "cooldown"]
    assert until(verdict) == NOW + 5 * MIN
