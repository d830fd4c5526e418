"""Close a position that has been without its stop for too long.

Measures   how long a position has not been covered in full by live stop orders on its closing side:
           native stops, stops of brackets and trailing stops alike, whoever sent them.
Units      time.
Boundary   still in bounds at exactly the grace; with a grace of 0, uncovered at all is a breach. Less than
           a lot needs no stop: there could be none.
Scope      each position.
No data    an order of unknown outcome protects nothing until it is proven.
Enforces   closes the position.
Does not   judge where a stop is, take a limit order (a target) for protection, or count a stop that is
           asked to be cancelled. A new stop ends the time, a cancelled one starts it again. With a
           grace of 0 the check `stop_required` is what denies the entry beforehand.
Source     document 002, RULE-008; semantics.md sections 6 (008) and 7 (a stop protects only where it is live).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.instants import render_duration
from stopline.model.numbers import Nanos, Qty
from stopline.model.rules import StopLossGraceTerms
from stopline.model.verdict import Unit
from stopline.rules.base import HeldPosition, Reading, Rule, Situation, close, shown, soonest
from stopline.state.coverage import bare_of


class StopLossGrace(Rule, frozen=True, gc=False):
    """How long a position may be without its stop, in nanoseconds."""

    terms: StopLossGraceTerms

    name: ClassVar[str] = "stop_loss_grace"
    unit: ClassVar[Unit] = Unit.NANOS
    scope: ClassVar[RuleScope] = RuleScope.POSITION
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position that is not covered."""
        for each in seen.positions:
            uncovered = _uncovered(each)
            if not uncovered:
                continue
            since = each.opened_at if each.unprotected_since is None else each.unprotected_since
            waited, grace = max(seen.at - since, 0), self.terms.grace
            is_breach = waited > grace or grace == 0
            yield Reading(each.instrument.instrument_id, waited, grace, is_breach, each, uncovered)

    def due(self, seen: Situation) -> Nanos | None:
        """Return when the next grace is over."""
        bare = (each for each in seen.positions if _uncovered(each))
        since = (each.opened_at if each.unprotected_since is None else each.unprotected_since for each in bare)
        return soonest((start + self.terms.grace + 1 for start in since), seen.at)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how much has been without a stop, and for how long."""
        waited, grace = render_duration(reading.observed or 0), render_duration(reading.limit)
        return f"{shown(reading.detail, Unit.QTY)} of {reading.key} without a stop for {waited}, {grace} is allowed"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close it."""
        return close(reading.held)


def _uncovered(held: HeldPosition) -> Qty:
    return bare_of(held.qty, held.stop_qty, held.instrument.lot_size)
