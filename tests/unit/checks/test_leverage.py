import pytest

from stopline.checks.leverage import Leverage
from tests.unit.checks.build import AAPL, ES_DEC, arm, armed, buy, denies, judge, ratio

CHECK = armed(Leverage, leverage=ratio("2"))


@pytest.mark.parametrize(
    ("gross", "equity", "denied"),
    [
        pytest.param("199999", "100000", False, id="below"),
        pytest.param("200000", "100000", False, id="at the limit"),
        pytest.param("200000.00000001", "100000", True, id="one over"),
        pytest.param(None, "100000", True, id="no data: a price"),
        pytest.param("1", None, True, id="no data: equity"),
        pytest.param("1", "0", True, id="no equity"),
        pytest.param("1", "-0.01", True, id="negative equity"),
    ],
)
def test_denies_above_the_limit(gross, equity, denied):
    assert denies(CHECK, buy("1", limit="175", gross_after=gross, equity=equity)) is denied


def test_exits_are_exempt():
    assert not Leverage.binds_exits


def test_reason():
    finding = judge(CHECK, buy("1", limit="175", gross_after="210000"))
    assert finding.reason == "leverage 2.10x exceeds the limit 2.00x"


def test_is_armed_for_the_money_classes():
    assert arm(Leverage, AAPL) is None
    assert arm(Leverage, ES_DEC, leverage=ratio("2")) is None
