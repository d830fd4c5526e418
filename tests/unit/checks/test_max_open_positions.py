import pytest

from stopline.checks.max_open_positions import MaxOpenPositions
from tests.unit.checks.build import arm, armed, buy, denies, judge

CHECK = armed(MaxOpenPositions, max_open_positions=3)


@pytest.mark.parametrize(
    ("after", "denied"),
    [
        pytest.param(1, False, id="below"),
        pytest.param(3, False, id="at the limit"),
        pytest.param(4, True, id="one over"),
    ],
)
def test_denies_above_the_limit(after, denied):
    assert denies(CHECK, buy("1", open_instruments_after=after)) is denied


def test_exits_are_exempt():
    assert not MaxOpenPositions.binds_exits


def test_reason():
    finding = judge(CHECK, buy("1", open_instruments_after=4))
    assert finding.reason == "4 instruments held or worked exceed the limit 3"


def test_is_not_armed_without_a_limit():
    assert arm(MaxOpenPositions) is None
