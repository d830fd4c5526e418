"""The process and its world: starts, instruments, alerts, timers, the clock."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.ids import AccountId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos


class EngineStarted(BaseEvent, frozen=True, gc=False):
    """A new process took the journal."""

    epoch: int
    code_version: str
    config_version: str
    schema_version: int
    boot_id: str
    clock: str
    boot_offset: Nanos = 0
    """Engine time when the boot clock showed nothing; 0 where engine time does not hang on it."""


class InstrumentListed(BaseEvent, frozen=True, gc=False):
    """An instrument exists, or has new terms or status."""

    instrument: Instrument


class AlertRaised(BaseEvent, frozen=True, gc=False):
    """Something a person should see. Severity INFO, WARNING, ERROR or CRITICAL."""

    alert_id: int
    account: AccountId
    alert_type: str
    severity: str
    symbol: str
    message: str


class TimerSet(BaseEvent, frozen=True, gc=False):
    """A timer will come due."""

    timer_id: str
    due_at: Nanos
    account: AccountId


class TimerEnded(BaseEvent, frozen=True, gc=False):
    """A timer came due, or is needed no more."""

    timer_id: str


class ClockSteppedBy(BaseEvent, frozen=True, gc=False):
    """The wall clock moved against the boot clock; engine time did not."""

    by: Nanos


class ClockTrusted(BaseEvent, frozen=True, gc=False):
    """A person says that the wall clock is right as it is now."""

    actor: str
    reason: str


SystemEvent: TypeAlias = (
    EngineStarted | InstrumentListed | AlertRaised | TimerSet | TimerEnded | ClockSteppedBy | ClockTrusted
)
