"""Cool an account down after a losing trade, for longer after a larger loss.

Measures   the loss of each trade, from flat to flat in one instrument, net of all its fees.
Units      account currency; a tier's `loss` is a positive amount.
Boundary   a loss equal to a tier's reaches the tier; the cooldown is over at its last instant.
Scope      each trade that was closed this session.
No data    needs no price.
Enforces   a cooldown by the highest tier that was reached, from the fill that closed the trade; it
           ends by itself, and a second loss can only lengthen it.
Does not   add losses up (`daily_realized_loss` and `consecutive_losses` do), count a trade that is
           still open, or close anything.
Source     document 002, RULE-007; semantics.md section 6 (007; a loss is flat to flat, net).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.instants import render_duration
from stopline.model.numbers import Money
from stopline.model.rules import CooldownAfterLossTerms, LossTier
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, cooldown, shown


class CooldownAfterLoss(Rule, frozen=True, gc=False):
    """Observes the P&L of a trade against minus its tier's loss."""

    terms: CooldownAfterLossTerms

    name: ClassVar[str] = "cooldown_after_loss"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each trade whose cooldown could still run."""
        for trip in seen.trips:
            tier = self._tier(trip.realized_pnl)
            if tier is not None:
                until = trip.closed_at + tier.cooldown
                is_running = seen.at < until
                yield Reading(f"trip:{trip.number}", trip.realized_pnl, -tier.loss, is_running, detail=(until, tier))

    def _tier(self, realized: Money) -> LossTier | None:
        reached = [tier for tier in self.terms.tiers if realized <= -tier.loss]
        return max(reached, key=lambda tier: tier.loss, default=None)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the loss, its tier and what it costs."""
        _, tier = reading.detail
        lost, at = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"a trade ended at {lost}, at or below {at}: {render_duration(tier.cooldown)} of rest"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Wait."""
        return cooldown(reading.detail[0])
