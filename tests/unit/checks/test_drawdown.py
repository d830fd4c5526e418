import pytest

from stopline.checks.drawdown import Drawdown
from tests.unit.checks.build import arm, armed, buy, denies, judge, money

CHECK = armed(Drawdown, drawdown_floor=money("96000"))


@pytest.mark.parametrize(
    ("equity", "denied"),
    [
        pytest.param("100000", False, id="far above"),
        pytest.param("96000.00000001", False, id="just above"),
        pytest.param("96000", True, id="at the floor"),
        pytest.param("95999.99999999", True, id="just below"),
        pytest.param("-10", True, id="negative"),
        pytest.param(None, True, id="no data"),
    ],
)
def test_denies_at_the_floor(equity, denied):
    assert denies(CHECK, buy("1", limit="175", equity=equity)) is denied


def test_exits_are_exempt():
    assert not Drawdown.binds_exits


def test_the_finding_shows_how_far_equity_is_from_its_floor():
    above = judge(CHECK, buy("1", limit="175", equity="100000"))
    assert (above.headroom, above.limit) == (money("4000"), 0)
    assert above.reason == "equity $100000.00 is above its floor $96000.00"
    below = judge(CHECK, buy("1", limit="175", equity="95000"))
    assert (below.observed, below.headroom) == (money("1000"), money("-1000"))
    assert below.reason == "equity $95000.00 has come down to its floor $96000.00"


def test_is_not_armed_without_a_floor():
    assert arm(Drawdown) is None
