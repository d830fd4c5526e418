"""Deny an entry while its instrument does not trade.

Measures   the instrument's trading status: 0 open, 1 halted, 2 limit-locked, 3 closed, 4 off hours.
Boundary   halted and closed deny always. Where `session_hours` is set, two more do: limit-locked
           (it trades, but there may be no way out again), and off hours, from the instant at
           which its market closes to the one at which it opens.
Exits      exempt here; outside hours an exit waits for the session.
No data    an instrument of which nothing is said is open.
Source     semantics.md sections 1 (instrument status) and 5 (19); reliability.md N10 and F38.

It knows no calendar of its own: the runtime says when a market opens and closes, from the
shipped calendars and the days in `calendars`; an instrument that no calendar knows is never
off hours. Hours of an account are the rule `session_block`.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.instrument import InstrumentStatus
from stopline.model.verdict import Unit
from stopline.state.view import AccountView

_OPEN: Final = InstrumentStatus.OPEN
_CODES: Final = {
    InstrumentStatus.OPEN: 0,
    InstrumentStatus.HALTED: 1,
    InstrumentStatus.LIMIT_LOCKED: 2,
    InstrumentStatus.CLOSED: 3,
    InstrumentStatus.OFF_HOURS: 4,
}
_ONLY_STRICT: Final = frozenset({InstrumentStatus.LIMIT_LOCKED, InstrumentStatus.OFF_HOURS})
_SAID: Final = {
    InstrumentStatus.OPEN: "is open",
    InstrumentStatus.HALTED: "is halted",
    InstrumentStatus.LIMIT_LOCKED: "is locked at its price limit",
    InstrumentStatus.CLOSED: "is closed",
    InstrumentStatus.OFF_HOURS: "is outside its market's hours",
}


class SessionHours(Check, frozen=True, gc=False):
    """Observes the status that stands against an entry, 0 for none. `is_strict`: limit-locked and off hours too."""

    limit: int = 0
    is_strict: bool = False

    name: ClassVar[str] = "session_hours"
    unit: ClassVar[Unit] = Unit.STATE

    @classmethod
    def arm(cls, armament: Armament) -> Self:
        """Armed always; `session_hours` makes it strict."""
        return cls(0, armament.limits.session_hours)

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return the code of a status that denies."""
        instrument = order.instrument
        if instrument is None or instrument.status is _OPEN:
            return 0
        if instrument.status in _ONLY_STRICT and not self.is_strict:
            return 0
        return _CODES[instrument.status]

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return the status."""
        status = _OPEN if order.instrument is None else order.instrument.status
        told = f"{order.symbol} {_SAID[status]}"
        return f"{told}: no entries until it trades again" if observed else told
