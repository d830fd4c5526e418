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
from stopline.rules.base import ALWAYS, Period, Quiet, Reading, Rule, Situation, flatten_and_lock, shown


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

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return: up to the peak (or to where it counts), and above what may be given back of it."""
        peak, total = seen.peak_pnl, seen.total_pnl
        if peak is None or total is None:
            return None
        if peak < self.terms.arm_at:
            return Quiet(most_pnl=self.terms.arm_at - 1)
        left = self._limit(peak) - (peak - total)
        return ALWAYS if left <= 0 else Quiet(least_pnl=total - left + 1, most_pnl=peak)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what was given back, of how much."""
        back, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"{back} of the day's highest profit of {shown(reading.detail, self.unit)} is given back, {limit} may be"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Keep the rest."""
        return flatten_and_lock(seen.resets_at())
