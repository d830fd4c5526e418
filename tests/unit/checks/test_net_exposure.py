import pytest

from stopline.checks.net_exposure import NetExposure
from tests.unit.checks.build import arm, armed, buy, denies, judge, ratio

CHECK = armed(NetExposure, net_exposure=ratio("0.5"))


@pytest.mark.parametrize(
    ("high", "low", "equity", "denied"),
    [
        pytest.param("50000", "0", "100000", False, id="long, at the limit"),
        pytest.param("50000.00000001", "0", "100000", True, id="long, one over"),
        pytest.param("0", "-50000", "100000", False, id="short, at the limit"),
        pytest.param("0", "-50000.00000001", "100000", True, id="short, one over"),
        pytest.param("10000", "-60000", "100000", True, id="the worse side decides"),
        pytest.param(None, "0", "100000", True, id="no data: a price"),
        pytest.param("0", None, "100000", True, id="no data: the other side"),
        pytest.param("0", "0", None, True, id="no data: equity"),
        pytest.param("0", "0", "0", True, id="no equity"),
    ],
)
def test_denies_above_the_limit(high, low, equity, denied):
    order = buy("1", limit="175", net_high_after=high, net_low_after=low, equity=equity)
    assert denies(CHECK, order) is denied


def test_exits_are_exempt():
    assert not NetExposure.binds_exits


def test_reason():
    finding = judge(CHECK, buy("1", limit="175", net_high_after="0", net_low_after="-60000"))
    assert finding.reason == "net exposure 60.00 % of equity exceeds the limit 50.00 %"


def test_is_not_armed_without_a_limit():
    assert arm(NetExposure) is None
