import pytest

from stopline.checks.gross_exposure import GrossExposure
from tests.unit.checks.build import ES_DEC, arm, armed, buy, denies, judge, ratio

CHECK = armed(GrossExposure, gross_exposure=ratio("1.5"))


@pytest.mark.parametrize(
    ("gross", "equity", "denied"),
    [
        pytest.param("149999.99999999", "100000", False, id="below"),
        pytest.param("150000", "100000", False, id="at the limit"),
        pytest.param("150000.00000001", "100000", True, id="one over"),
        pytest.param(None, "100000", True, id="no data: a price"),
        pytest.param("1", None, True, id="no data: equity"),
        pytest.param("1", "0", True, id="no equity"),
        pytest.param("1", "-1", True, id="negative equity"),
        pytest.param("0", "1", False, id="nothing"),
    ],
)
def test_denies_above_the_limit(gross, equity, denied):
    assert denies(CHECK, buy("1", limit="175", gross_after=gross, equity=equity)) is denied


def test_exits_are_exempt():
    assert not GrossExposure.binds_exits


def test_reason():
    finding = judge(CHECK, buy("1", limit="175", gross_after="210000"))
    assert finding.reason == "gross exposure 210.00 % of equity exceeds the limit 150.00 %"


def test_is_armed_for_every_class_with_a_limit():
    assert arm(GrossExposure) is None
    assert arm(GrossExposure, ES_DEC, gross_exposure=1) is not None
