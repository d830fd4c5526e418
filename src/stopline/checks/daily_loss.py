"""Deny new risk once the day's loss has reached its limit.

Measures   loss = -(realized + unrealized P&L since the session's open, net of fees and transfers).
Boundary   a loss exactly at the limit denies.
Exits      exempt: who has lost must be able to stop losing.
No data    denied, while a position is unpriced or nobody knows the opening equity.
Source     document 001, feature 3; semantics.md sections 5 (4), 9 and 12 (P&L fields).

It stops new orders only. The rule `daily_total_loss` closes positions and locks the account.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.model.numbers import Money
from stopline.model.verdict import Finding, Unit
from stopline.state.view import AccountView


class DailyLoss(Check, frozen=True, gc=False):
    """The most that may be lost in a trading day: `most`, money. `limit` is the largest loss that passes."""

    most: Money

    name: ClassVar[str] = "daily_loss"
    unit: ClassVar[Unit] = Unit.MONEY

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `daily_loss`."""
        most = armament.limits.daily_loss
        return None if most is None else cls(most - 1, most)

    def observe(self, order: Candidate, account: AccountView) -> Money | None:
        """Return the loss of the day, negative for a profit."""
        pnl = order.total_pnl
        return None if pnl is None else -pnl

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding, with the limit that a loss may not reach."""
        loss = self.observe(order, account)
        status = "denied" if loss is None or loss > self.limit else "passed"
        return Finding(self.name, status, self.unit, loss, self.most, self.reason(loss, order))

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return the day's P&L beside what may be lost."""
        most = shown(self.most, self.unit)
        if observed is None:
            return f"the day's P&L is unknown (a position or the opening equity is), and {most} may be lost"
        relation = "has reached" if observed > self.limit else "has not reached"
        return f"the day's P&L of {shown(-observed, self.unit)} {relation} the daily loss limit of {most}"
