"""Lock an account out for the week once it has lost too much in it.

Measures   equity now - equity at the trading week's open - net transfers since, net of fees.
Units      account currency; `loss_limit` is a positive amount.
Boundary   a loss equal to the limit is a breach; with a buffer, one equal to the limit less the buffer.
Scope      the account.
No data    no breach while a position has no trusted mark, or the week's opening equity is unknown.
Enforces   cancels working orders, flattens, locks until the week's reset.
Does not   begin anew with a day, or with a restart.
Source     semantics.md sections 1 (weekly reset) and 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.rules import WeeklyLossTerms
from stopline.model.verdict import Unit
from stopline.rules.base import ALWAYS, Period, Quiet, Reading, Rule, Situation, cushion, flatten_and_lock, less, shown


class WeeklyLoss(Rule, frozen=True, gc=False):
    """The loss of a week that ends it: observed and limit are P&L, both negative for a loss."""

    terms: WeeklyLossTerms

    name: ClassVar[str] = "weekly_loss"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    falls: ClassVar[bool] = True
    period: ClassVar[Period] = Period.WEEK
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        limit, total = cushion(self.terms, seen) - self.terms.loss_limit, seen.week_pnl
        yield Reading("", total, limit, total is not None and total <= limit)

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return: as far as the week may still lose; what is reached stands for the week."""
        if seen.week_pnl is None or seen.equity is None:
            return None
        left = seen.week_pnl + self.terms.loss_limit - cushion(self.terms, seen)
        return ALWAYS if left <= 0 else Quiet(least_equity=seen.equity - left + 1)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the week's P&L beside its limit."""
        total, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"P&L of the week is {total}, at or below {limit}{less(self.terms, seen)}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market until the week's reset."""
        return flatten_and_lock(seen.week_resets_at)
