"""Deny an order that could take leverage beyond its limit.

Measures   leverage = worst-case gross exposure / equity.
Boundary   exactly the limit passes.
Exits      exempt.
No data    denied: a position without a price, equity unknown, zero or negative.
Source     semantics.md section 5 (13).

Asked only for the classes that money limits speak of; but what is held in futures counts in
the gross of an equity order. For futures `buying_power` and `max_contracts` are the measure.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.measures.ratio import share
from stopline.model.numbers import Ratio, render_ratio
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class Leverage(Check, frozen=True, gc=False):
    """The most leverage; 2.00 is 2_000_000."""

    name: ClassVar[str] = "leverage"
    unit: ClassVar[Unit] = Unit.RATIO
    scoped: ClassVar[bool] = True
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `leverage`, for the classes that money limits speak of."""
        limits = armament.limits
        if limits.leverage is None or armament.instrument.asset_class not in limits.money_classes:
            return None
        return cls(limits.leverage)

    def observe(self, order: Candidate, account: AccountView) -> Ratio | None:
        """Return the worst-case leverage after the order."""
        return share(order.gross_after, order.equity)

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return both, as people write leverage."""
        most = f"{render_ratio(self.limit)}x"
        if observed is None:
            return f"leverage cannot be judged: equity or a price is missing; the limit is {most}"
        relation = "exceeds" if observed > self.limit else "is within"
        return f"leverage {render_ratio(observed)}x {relation} the limit {most}"
