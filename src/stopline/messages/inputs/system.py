"""The runtime: starts, instruments, timers, the clock."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos


class StartEngine(BaseInput, frozen=True, gc=False):
    """The first input of every process: a new epoch under this code and configuration.

    `clock` names where engine time comes from (`wall`, or `recorded:<file>`).
    """

    code_version: str
    config_version: str
    boot_id: str = ""
    clock: str = "wall"
    boot_offset: Nanos = 0
    """Engine time when the boot clock showed nothing; 0 where engine time does not hang on it."""


class ListInstrument(BaseInput, frozen=True, gc=False):
    """Contract terms or status of an instrument; says nothing when unchanged."""

    instrument: Instrument


class TimerDue(BaseInput, frozen=True, gc=False):
    """A timer that the state holds has come due."""

    timer_id: str


class ClockStepped(BaseInput, frozen=True, gc=False):
    """The wall clock moved against the boot clock by `by` nanoseconds."""

    by: Nanos


class TrustClock(BaseInput, frozen=True, gc=False):
    """An admin says that the wall clock is right as it is now."""

    reason: str
    actor: str = "local"


SystemInput: TypeAlias = StartEngine | ListInstrument | TimerDue | ClockStepped | TrustClock
