"""Lock an account out for the day once its realized loss reaches the limit.

Measures   realized P&L of the trading day, against entry cost by the account's lot method, net of fees.
Units      account currency; `loss_limit` is a positive amount.
Boundary   a loss equal to the limit is a breach.
Scope      the account.
No data    needs no price.
Enforces   cancels working orders, flattens, locks until the next reset.
Does not   count open losses (`daily_total_loss` does), and does not end by itself before the
           reset, whatever is won back.
Source     document 002, RULE-003; document 001, feature 3; semantics.md sections 6 (003) and 9.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.rules import DailyRealizedLossTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Period, Reading, Rule, Situation, flatten_and_lock, shown


class DailyRealizedLoss(Rule, frozen=True, gc=False):
    """The realized loss of a day that ends it: observed and limit are P&L, both negative for a loss."""

    terms: DailyRealizedLossTerms

    name: ClassVar[str] = "daily_realized_loss"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    falls: ClassVar[bool] = True
    hangs_on_marks: ClassVar[bool] = False
    period: ClassVar[Period] = Period.SESSION
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        limit = -self.terms.loss_limit
        yield Reading("", seen.realized_pnl, limit, seen.realized_pnl <= limit)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the realized P&L beside its limit."""
        realized, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"realized P&L of the day is {realized}, at or below {limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market until the next reset."""
        return flatten_and_lock(seen.resets_at())
