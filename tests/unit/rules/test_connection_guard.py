import pytest

from stopline.state.situation import BrokerSeen
from tests.unit.rules.build import account, armed, fires, kinds, one

RULE = armed("connection_guard")


@pytest.mark.parametrize(
    ("broker", "breach"),
    [
        pytest.param(BrokerSeen(), False, id="connected and reconciled"),
        pytest.param(BrokerSeen(is_reconciled=False), True, id="not reconciled"),
        pytest.param(BrokerSeen(is_connected=False), True, id="gone"),
        pytest.param(BrokerSeen(is_connected=False, is_reconciled=False), True, id="never there"),
    ],
)
def test_fires_until_it_is_reconciled(broker, breach):
    assert fires(RULE, account(broker=broker)) is breach


@pytest.mark.parametrize(
    ("broker", "alert", "reason"),
    [
        (
            BrokerSeen(is_connected=False, reason="cable"),
            "connection_lost",
            "the broker is not connected: cable",
        ),
        (
            BrokerSeen(is_connected=False, auth_failed=True, reason="401"),
            "auth_failed",
            "the broker is not connected: 401",
        ),
        (
            BrokerSeen(is_reconciled=False),
            "reconciling",
            "the broker is back, and its picture is not reconciled with ours yet",
        ),
    ],
)
def test_says_what_to_do_and_only_reduces(broker, alert, reason):
    verdict = one(RULE, account(broker=broker))
    assert kinds(verdict) == ["warn", "reducing"]
    assert verdict.actions[0].text.partition(":")[0] == alert
    assert verdict.reason == reason
