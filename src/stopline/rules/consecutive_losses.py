"""Give an account a rest after so many losing trades in a row.

Measures   how many of the newest trades that were closed this session lost, flat to flat, net of fees.
Units      trades.
Boundary   the limit itself is reached; a cooldown is over at its last instant.
Scope      the account.
No data    needs no price.
Enforces   a cooldown from the fill that closed the last one, or a lock until the reset where none is configured.
Does not   look at how much was lost, count a trade that is still open, or reach back over a reset. A
           trade that neither won nor lost ends the streak. A loss after the cooldown is one more in the same streak.
Source     semantics.md section 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.streak import losing_streak
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.rules import ConsecutiveLossesTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, cooldown


class ConsecutiveLosses(Rule, frozen=True, gc=False):
    """How many losses in a row are too many."""

    terms: ConsecutiveLossesTerms

    name: ClassVar[str] = "consecutive_losses"
    unit: ClassVar[Unit] = Unit.COUNT
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the newest streak."""
        if not seen.trips:
            return
        last = seen.trips[-1]
        streak, most = losing_streak([trip.realized_pnl for trip in seen.trips]), self.terms.count
        rest = self.terms.cooldown
        until = None if rest is None else last.closed_at + rest
        is_over = until is not None and seen.at >= until
        yield Reading(f"trip:{last.number}", streak, most, streak >= most and not is_over, detail=until)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how many."""
        return f"{reading.observed} losing trades in a row, the limit is {reading.limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Rest."""
        if reading.detail is not None:
            return cooldown(reading.detail)
        return (Action(ActionKind.CANCEL), Action(ActionKind.LOCK, until=seen.resets_at()))
