import pytest

from stopline.checks.connection import BROKER_DOWN, STORE_UNAVAILABLE, Connection
from tests.unit.checks.build import arm, armed, buy, judge

CHECK = armed(Connection)


@pytest.mark.parametrize(
    ("connected", "failing", "observed"),
    [
        pytest.param(True, "", 0, id="all up"),
        pytest.param(False, "", BROKER_DOWN, id="broker down"),
        pytest.param(True, "disk full", STORE_UNAVAILABLE, id="store failing"),
        pytest.param(False, "disk full", STORE_UNAVAILABLE, id="both"),
    ],
)
def test_denies_while_anything_is_down(connected, failing, observed):
    order = buy("1", broker_connected=connected, store_failing=failing)
    assert judge(CHECK, order).observed == observed


def test_exits_are_exempt():
    assert not Connection.binds_exits


def test_reasons():
    failing = judge(CHECK, buy("1", store_failing="disk full"))
    assert failing.reason.startswith("store_unavailable: ")
    assert "disk full" in failing.reason
    assert "broker 'paper' is not connected" in judge(CHECK, buy("1", broker_connected=False)).reason
    assert "is connected" in judge(CHECK, buy("1")).reason


def test_is_always_armed():
    assert arm(Connection) is not None
