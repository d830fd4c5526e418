import pytest

from stopline.checks.trading_state import TradingStateCheck
from stopline.model.account import TradingState
from stopline.model.capabilities import Capabilities
from stopline.state.lockouts import Restriction
from tests.unit.checks.build import NOW, account, armed, buy, denies, exits, judge, restricted

NATIVE = Capabilities((), (), (), native_close=True)
PLAIN = Capabilities((), (), ())
ENTRY, EXIT = buy("1", limit="175"), exits("1")
CLOSE = exits("1", reduce_only=True, closes_position=True)

LOCKOUT = Restriction("daily_loss", TradingState.REDUCING, "loss of $5000.00", "rule", 0, NOW)
BREAKER = Restriction("breaker:1", TradingState.REDUCING, "tripped", "rule", 0, 0)
BLIND = Restriction("connection", TradingState.CANCEL_ONLY, "broker down", "engine", 0, 0)
KILL = Restriction("kill", TradingState.HALTED, "enough", "ann", 0, 0)


@pytest.mark.parametrize(
    ("order", "severity", "offer", "denied"),
    [
        pytest.param(ENTRY, 0, PLAIN, False, id="entry, active"),
        pytest.param(ENTRY, 1, PLAIN, True, id="entry, reducing"),
        pytest.param(ENTRY, 2, NATIVE, True, id="entry, cancel_only"),
        pytest.param(ENTRY, 3, NATIVE, True, id="entry, halted"),
        pytest.param(EXIT, 0, PLAIN, False, id="exit, active"),
        pytest.param(EXIT, 1, PLAIN, False, id="exit, reducing"),
        pytest.param(EXIT, 2, NATIVE, True, id="exit, cancel_only"),
        pytest.param(EXIT, 3, NATIVE, True, id="exit, halted"),
        pytest.param(CLOSE, 1, PLAIN, False, id="close, reducing"),
        pytest.param(CLOSE, 2, PLAIN, True, id="close, cancel_only, the broker needs a quantity"),
        pytest.param(CLOSE, 2, NATIVE, False, id="close, cancel_only, the broker knows the quantity"),
        pytest.param(CLOSE, 2, None, True, id="close, cancel_only, the broker has said nothing"),
        pytest.param(CLOSE, 3, PLAIN, False, id="close, halted"),
        pytest.param(
            buy("1", limit="175", closes_position=True), 1, NATIVE, True, id="a close that would open, reducing"
        ),
        pytest.param(buy("1", limit="175", closes_position=True), 3, PLAIN, True, id="a close that would open, halted"),
    ],
)
def test_denies_by_state(order, severity, offer, denied):
    check = armed(TradingStateCheck, capabilities=offer)
    assert denies(check, order, account(severity=severity)) is denied
    assert TradingStateCheck.binds_exits


@pytest.mark.parametrize(("offer", "denied"), [(PLAIN, True), (NATIVE, False)])
def test_a_close_of_an_unproven_position_needs_the_broker_even_when_halted(offer, denied):
    view = restricted(BLIND, KILL, severity=3)
    assert denies(armed(TradingStateCheck, capabilities=offer), CLOSE, view) is denied


def test_a_close_of_a_proven_position_passes_a_kill():
    assert not denies(armed(TradingStateCheck, capabilities=PLAIN), CLOSE, restricted(KILL, LOCKOUT, severity=3))


@pytest.mark.parametrize(
    ("severity", "passes"),
    [
        (1, "Only orders that provably reduce pass"),
        (2, "Only cancels pass, and a close that the broker works out itself"),
        (3, "Only cancels, close and flatten pass"),
    ],
)
def test_a_denial_says_what_would_pass(severity, passes):
    assert judge(armed(TradingStateCheck), ENTRY, account(severity=severity)).reason.endswith(passes)


def test_a_denial_names_every_restriction():
    finding = judge(armed(TradingStateCheck), ENTRY, restricted(LOCKOUT, BREAKER, severity=1))
    assert finding.observed == 1
    assert finding.reason == (
        "the account is reducing: daily_loss (loss of $5000.00) until 2026-01-06T17:00:00Z; "
        "breaker:1 (tripped). Only orders that provably reduce pass"
    )


def test_a_denial_by_a_group_says_so():
    finding = judge(armed(TradingStateCheck), ENTRY, account(severity=3))
    assert "its group or firm is restricted" in finding.reason


@pytest.mark.parametrize(
    ("severity", "reason"), [(0, "the account is active"), (1, "the account is reducing; an exit passes")]
)
def test_a_pass_says_the_state(severity, reason):
    assert judge(armed(TradingStateCheck), EXIT, account(severity=severity)).reason == reason
