import pytest

from stopline.checks.buying_power import BuyingPower
from tests.unit.checks.build import ES_DEC, arm, armed, buy, denies, judge, money

CHECK = armed(BuyingPower, buying_power=True)


@pytest.mark.parametrize(
    ("margin", "equity", "denied"),
    [
        pytest.param("99999.99", "100000", False, id="below"),
        pytest.param("100000", "100000", False, id="at the limit"),
        pytest.param("100000.00000001", "100000", True, id="one over"),
        pytest.param(None, "100000", True, id="no data: margin"),
        pytest.param("1", None, True, id="no data: equity"),
        pytest.param("1", "0", True, id="no equity"),
        pytest.param("1", "-100", True, id="negative equity"),
    ],
)
def test_denies_above_equity(margin, equity, denied):
    assert denies(CHECK, buy("1", limit="175", margin_after=margin, equity=equity)) is denied


def test_exits_are_exempt():
    assert not BuyingPower.binds_exits


def test_the_finding_shows_margin_and_equity():
    finding = judge(CHECK, buy("1", limit="175", margin_after="120000"))
    assert (finding.observed, finding.limit, finding.headroom) == (
        money("120000"),
        money("100000"),
        money("-20000"),
    )
    assert finding.reason == "initial margin of the worst case $120000.00 exceeds equity $100000.00"


@pytest.mark.parametrize(
    ("figures", "word"),
    [({"equity": None}, "a position is unpriced"), ({"margin_after": None}, "nobody stated its margin")],
)
def test_a_denial_says_what_is_unknown(figures, word):
    assert word in judge(CHECK, buy("1", ES_DEC, "4000", **figures)).reason


def test_is_not_armed_unless_asked():
    assert arm(BuyingPower) is None
