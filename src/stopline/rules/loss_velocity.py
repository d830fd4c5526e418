"""Stop an account that loses fast.

Measures   how far the day P&L is below its highest within a sliding window.
Units      account currency; `loss_limit` is a positive amount, `window` an hour at most.
Boundary   a loss equal to the limit is a breach; a figure exactly one window old still counts.
Scope      the account.
No data    no breach while a position has no trusted mark.
Enforces   cancels entries, flattens (unless `flatten: false`); a cooldown where one is configured, else a
           lock until a person lifts it.
Does not   care whether the day is won or lost: it is about speed. It says nothing of a loss that takes longer.
Source     semantics.md section 6; reliability.md N4 (loss-velocity breaker).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.window import fall
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.instants import render_duration
from stopline.model.rules import LossVelocityTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, rest, shown


class LossVelocity(Rule, frozen=True, gc=False):
    """The loss within a window that is too fast, money."""

    terms: LossVelocityTerms

    name: ClassVar[str] = "loss_velocity"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the window."""
        lost = None if seen.total_pnl is None else fall(seen.pnl_marks, self.terms.window, seen.at)
        limit = self.terms.loss_limit
        yield Reading("", lost, limit, lost is not None and lost >= limit)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how much, in what time."""
        lost, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"{lost} lost within {render_duration(self.terms.window)}, the limit is {limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market, and rest."""
        leaving = (Action(ActionKind.FLATTEN),) if self.terms.flatten else ()
        cancel, *waiting = rest(seen.at, self.terms.cooldown)
        return (cancel, *leaving, *waiting)
