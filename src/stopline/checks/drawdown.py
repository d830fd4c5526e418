"""Deny new risk once equity has come down to its floor.

Measures   shortfall = floor - equity: negative while equity stands above the floor.
Boundary   equity exactly at the floor denies.
Exits      exempt.
No data    denied, while a position is unpriced and equity unknown.
Source     semantics.md sections 5 (5) and 6 (`max_drawdown`).

The floor is a given amount here. What moves a floor (a trailing peak, a lock level) is the
rule `max_drawdown`.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.model.numbers import Money
from stopline.model.verdict import Finding, Unit
from stopline.state.view import AccountView


class Drawdown(Check, frozen=True, gc=False):
    """The equity that may not be reached: `floor`, money. A finding's headroom is equity - floor."""

    floor: Money

    name: ClassVar[str] = "drawdown"
    unit: ClassVar[Unit] = Unit.MONEY

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `drawdown_floor`."""
        floor = armament.limits.drawdown_floor
        return None if floor is None else cls(-1, floor)

    def observe(self, order: Candidate, account: AccountView) -> Money | None:
        """Return how far equity is below its floor."""
        equity = order.equity
        return None if equity is None else self.floor - equity

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding: a shortfall of nothing denies already."""
        below = self.observe(order, account)
        status = "denied" if below is None or below > self.limit else "passed"
        return Finding(self.name, status, self.unit, below, 0, self.reason(below, order))

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return equity beside its floor."""
        floor = shown(self.floor, self.unit)
        if observed is None:
            return f"equity is unknown (a position is unpriced), and its floor is {floor}"
        relation = "has come down to" if observed > self.limit else "is above"
        return f"equity {shown(self.floor - observed, self.unit)} {relation} its floor {floor}"
