import pytest

from stopline.checks.max_contracts import MaxContracts
from tests.unit.checks.build import AAPL, ES_DEC, MES_DEC, arm, armed, buy, denies, judge, qty, ratio, sell

CHECK = armed(MaxContracts, ES_DEC, max_contracts=ratio("1.0"))


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("9", MES_DEC, contracts_after=ratio("0.9")), False, id="nine micros"),
        pytest.param(buy("1", ES_DEC, contracts_after=ratio("1")), False, id="at the limit"),
        pytest.param(buy("1", MES_DEC, contracts_after=ratio("1.1")), True, id="one and a micro"),
        pytest.param(sell("1", ES_DEC, contracts_after=ratio("1") + 1), True, id="one over"),
    ],
)
def test_denies_above_the_limit(order, denied):
    assert denies(CHECK, order) is denied


def test_exits_are_exempt():
    assert not MaxContracts.binds_exits


def test_the_finding_counts_contracts():
    finding = judge(CHECK, buy("1", MES_DEC, contracts_after=ratio("1.1")))
    assert (finding.observed, finding.limit) == (qty("1.1"), qty("1"))
    assert finding.reason == "1.1 worst-case contracts exceed the limit 1"


def test_is_armed_for_futures_with_a_limit():
    assert arm(MaxContracts, AAPL, max_contracts=1) is None
    assert arm(MaxContracts, ES_DEC) is None
