"""Close a position before it expires.

Measures   how long an instrument still trades.
Units      time.
Boundary   exactly `before` closes.
Scope      each position in something that expires.
No data    no breach where nobody knows when it stops trading.
Enforces   closes the position.
Does not   roll it into the next expiry, or know of a delivery notice before the last day: set `before` so that it
           comes earlier.
Source     semantics.md section 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.instants import render_duration, render_instant
from stopline.model.numbers import Nanos
from stopline.model.rules import ExpiryGuardTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, close, soonest


class ExpiryGuard(Rule, frozen=True, gc=False):
    """How long something must still trade to be held, in nanoseconds."""

    terms: ExpiryGuardTerms

    name: ClassVar[str] = "expiry_guard"
    unit: ClassVar[Unit] = Unit.NANOS
    scope: ClassVar[RuleScope] = RuleScope.POSITION
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position that expires."""
        for each in seen.positions:
            if each.expires_at is not None:
                left, least = each.expires_at - seen.at, self.terms.before
                yield Reading(each.instrument.instrument_id, left, least, left <= least, each, each.expires_at)

    def due(self, seen: Situation) -> Nanos | None:
        """Return when the next position must go."""
        ends = (each.expires_at for each in seen.positions if each.expires_at is not None)
        return soonest((end - self.terms.before for end in ends), seen.at)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return when it ends."""
        before = render_duration(reading.limit)
        return f"{reading.key} stops trading at {render_instant(reading.detail)}, and may be held until {before} before"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close it."""
        return close(reading.held)
