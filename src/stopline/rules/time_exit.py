"""Close a position that is held too long, or too close to the end of the day.

Measures   how long ago the position was opened from flat (`max_hold`), and how long the trading day still
           lasts (`before_reset`).
Units      time.
Boundary   exactly that long, or exactly that close to the reset, closes.
Scope      each position.
No data    `before_reset` says nothing while nobody knows when the day ends.
Enforces   closes the position.
Does not   lock: what is opened again is closed again. Adding to a position makes it no younger.
Source     semantics.md section 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.instants import render_duration
from stopline.model.numbers import Nanos
from stopline.model.rules import TimeExitTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, close, soonest


class TimeExit(Rule, frozen=True, gc=False):
    """How long, in nanoseconds: held at most, and left of the day at least."""

    terms: TimeExitTerms

    name: ClassVar[str] = "time_exit"
    unit: ClassVar[Unit] = Unit.NANOS
    scope: ClassVar[RuleScope] = RuleScope.POSITION
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position, and the time that is left of the day."""
        most, least, resets_at = self.terms.max_hold, self.terms.before_reset, seen.resets_at()
        for each in seen.positions:
            name = each.instrument.instrument_id
            if most is not None:
                age = max(seen.at - each.opened_at, 0)
                yield Reading(f"{name} held", age, most, age >= most, each, "held for")
            if least is not None and resets_at:
                left = resets_at - seen.at
                yield Reading(f"{name} late", left, least, left <= least, each, "held with only this left of the day:")

    def due(self, seen: Situation) -> Nanos | None:
        """Return when the first position has been held long enough, or the day is late."""
        if not seen.positions:
            return None
        most, least, resets_at = self.terms.max_hold, self.terms.before_reset, seen.resets_at()
        instants = [] if most is None else [each.opened_at + most for each in seen.positions]
        if least is not None and resets_at:
            instants.append(resets_at - least)
        return soonest(instants, seen.at)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how long."""
        name = "" if reading.held is None else reading.held.instrument.instrument_id
        seconds, limit = render_duration(reading.observed or 0), render_duration(reading.limit)
        return f"{name} is {reading.detail} {seconds}, the limit is {limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close it."""
        return close(reading.held)
