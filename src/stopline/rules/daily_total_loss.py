"""Lock an account out for the day once it has lost too much, open losses included.

Measures   day P&L: equity now - equity at the session's open - net transfers, net of fees.
Units      account currency; `loss_limit` is a positive amount, `buffer` too; `buffer_ticks` are ticks of all
           that is held.
Boundary   a loss equal to the limit is a breach; with a buffer, one equal to the limit less the buffer.
Scope      the account.
No data    no breach while a position has no mark that two usable quotes in a row confirm, or the
           opening equity is unknown; the check `daily_loss` denies new risk then.
Enforces   cancels working orders, flattens, locks until the next reset.
Does not   forget: what is won back after the breach unlocks nothing.
Source     document 001, feature 3; semantics.md sections 6 and 9.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.numbers import Money
from stopline.model.rules import DailyTotalLossTerms
from stopline.model.verdict import Unit
from stopline.rules.base import ALWAYS, Period, Quiet, Reading, Rule, Situation, cushion, flatten_and_lock, less, shown


class DailyTotalLoss(Rule, frozen=True, gc=False):
    """The loss of a day that ends it: observed and limit are P&L, both negative for a loss."""

    terms: DailyTotalLossTerms

    name: ClassVar[str] = "daily_total_loss"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    falls: ClassVar[bool] = True
    period: ClassVar[Period] = Period.SESSION
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        limit, total = self._limit(seen), seen.total_pnl
        yield Reading("", total, limit, total is not None and total <= limit)

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return: above the limit; what is reached stands for the day."""
        if seen.total_pnl is None:
            return None
        limit = self._limit(seen)
        return ALWAYS if seen.total_pnl <= limit else Quiet(least_pnl=limit + 1)

    def _limit(self, seen: Situation) -> Money:
        return cushion(self.terms, seen) - self.terms.loss_limit

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the day's P&L beside its limit."""
        total, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"P&L of the day, open positions included, is {total}, at or below {limit}{less(self.terms, seen)}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market until the next reset."""
        return flatten_and_lock(seen.resets_at())
