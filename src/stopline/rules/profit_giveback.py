"""End the day once too much of its profit has been given back.

Measures   the highest day P&L of the day less the day P&L now, once that high has reached `arm_at`.
Units      account currency; `share` is of the highest day P&L.
Boundary   giving back exactly the amount, or the share, is a breach; of the two the lower one counts.
Scope      the account.
No data    no breach while a position has no trusted mark; such a mark makes no high either.
Enforces   cancels working orders, flattens, locks until the next reset.
Does not   act below `arm_at`, or protect a single position (`trailing_stop` does).
Source     semantics.md section 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.numbers import RATIO_ONE, Money
from stopline.model.rules import ProfitGivebackTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Period, Reading, Rule, Situation, flatten_and_lock, shown


class ProfitGiveback(Rule, frozen=True, gc=False):
    """How much of a day's profit may be given back, money."""

    terms: ProfitGivebackTerms

    name: ClassVar[str] = "profit_giveback"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    period: ClassVar[Period] = Period.SESSION
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account, once there is something to give back."""
        peak, total = seen.peak_pnl, seen.total_pnl
        if peak is None:
            yield Reading("", None, 0, False)
            return
        if peak < self.terms.arm_at:
            return
        limit = self._limit(peak)
        given_back = None if total is None else peak - total
        yield Reading("", given_back, limit, given_back is not None and given_back >= limit, detail=peak)

    def _limit(self, peak: Money) -> Money:
        limits = [] if self.terms.amount is None else [self.terms.amount]
        if self.terms.share is not None:
            limits.append(peak * self.terms.share // RATIO_ONE)
        return min(limits)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what was given back, of how much."""
        back, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"{back} of the day's highest profit of {shown(reading.detail, self.unit)} is given back, {limit} may be"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Keep the rest."""
        return flatten_and_lock(seen.resets_at())
