"""Take no new risk while our book and the broker's differ, and say so.

Measures   how long the broker's picture of the account has differed from ours.
Units      time.
Boundary   exactly the grace is still in bounds; with a grace of 0 a difference is a breach at once.
Scope      the account.
No data    a broker that is not connected says nothing (`connection_guard` does).
Enforces   an alert that names the difference, and `reducing` until it is gone.
Does not   correct our book, or close what may not be there.
Source     semantics.md sections 3 (`p` not proven) and 6; reliability.md F28.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.instants import render_duration
from stopline.model.numbers import Nanos
from stopline.model.rules import PositionMismatchTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation


class PositionMismatch(Rule, frozen=True, gc=False):
    """How long two books may differ, in nanoseconds."""

    terms: PositionMismatchTerms

    name: ClassVar[str] = "position_mismatch"
    unit: ClassVar[Unit] = Unit.NANOS
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the difference, while there is one."""
        if seen.broker.mismatch and seen.broker.is_connected:
            age, grace = max(seen.at - seen.broker.mismatch_since, 0), self.terms.grace
            yield Reading("", age, grace, age > grace or grace == 0)

    def due(self, seen: Situation) -> Nanos | None:
        """Return when the grace is over."""
        return seen.broker.mismatch_since + self.terms.grace + 1 if seen.broker.mismatch else None

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what differs, and since when."""
        return (
            f"our book differs from the broker's for {render_duration(reading.observed or 0)}: {seen.broker.mismatch}"
        )

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Tell people, and only reduce."""
        text = "compare both books; what the broker did alone must be booked, or resolved by a person"
        return (Action(ActionKind.WARN, text=text), Action(ActionKind.REDUCING))
