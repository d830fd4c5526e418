import pytest

from stopline.checks.session_hours import SessionHours
from stopline.model.instrument import InstrumentStatus
from tests.unit.checks.build import arm, armed, buy, equity, judge


@pytest.mark.parametrize(
    ("status", "strict", "observed"),
    [
        (InstrumentStatus.OPEN, False, 0),
        (InstrumentStatus.OPEN, True, 0),
        (InstrumentStatus.HALTED, False, 1),
        (InstrumentStatus.HALTED, True, 1),
        (InstrumentStatus.LIMIT_LOCKED, False, 0),
        (InstrumentStatus.LIMIT_LOCKED, True, 2),
        (InstrumentStatus.CLOSED, False, 3),
        (InstrumentStatus.CLOSED, True, 3),
        (InstrumentStatus.OFF_HOURS, False, 0),
        (InstrumentStatus.OFF_HOURS, True, 4),
    ],
)
def test_denies_by_status(status, strict, observed):
    instrument = equity("AAPL", status=status)
    check = armed(SessionHours, instrument, session_hours=strict)
    assert judge(check, buy("1", instrument)).observed == observed


def test_exits_are_exempt():
    assert not SessionHours.binds_exits


def test_reason():
    halted = equity("AAPL", status=InstrumentStatus.HALTED)
    finding = judge(armed(SessionHours, halted), buy("1", halted))
    assert finding.reason == "AAPL is halted: no entries until it trades again"
    assert judge(armed(SessionHours), buy("1")).reason == "AAPL is open"


def test_is_always_armed():
    assert arm(SessionHours) is not None
