"""Lock an account out for the day once its realized profit has reached the target.

Measures   realized P&L of the trading day, against entry cost by the account's lot method, net of fees.
Units      account currency.
Boundary   a profit equal to the target is reached.
Scope      the account.
No data    needs no price.
Enforces   cancels entries and locks until the next reset; flattens where configured.
Does not   count open profits (`max_unrealized_profit` does), or flatten by default: open
           positions keep their stops, and can still be closed.
Source     document 002, RULE-013; semantics.md sections 6 (013) and 9.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.rules import DailyRealizedProfitTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Period, Reading, Rule, Situation, flatten_and_lock, shown


class DailyRealizedProfit(Rule, frozen=True, gc=False):
    """The realized profit that ends a day, money."""

    terms: DailyRealizedProfitTerms

    name: ClassVar[str] = "daily_realized_profit"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False
    period: ClassVar[Period] = Period.SESSION
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        target = self.terms.target
        yield Reading("", seen.realized_pnl, target, seen.realized_pnl >= target)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the realized P&L beside the target."""
        realized, target = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"realized P&L of the day is {realized}, at or above the target of {target}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """End the day."""
        until = seen.resets_at()
        if self.terms.flatten:
            return flatten_and_lock(until)
        return (Action(ActionKind.CANCEL), Action(ActionKind.LOCK, until=until))
