"""Deny an order that could take gross exposure beyond a share of equity.

Measures   the sum of every instrument's worst-case money / equity.
Boundary   exactly the limit passes.
Exits      exempt.
No data    denied: a position without a price, equity unknown, zero or negative.
Source     semantics.md sections 2, 5 (11) and 12 (worst-case money).

Longs and shorts add up. It is asked for every class, futures too: unlike `leverage` it has no
default that one future would break.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.measures.ratio import share
from stopline.model.numbers import Ratio
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class GrossExposure(Check, frozen=True, gc=False):
    """The most gross exposure as a share of equity."""

    name: ClassVar[str] = "gross_exposure"
    unit: ClassVar[Unit] = Unit.RATIO
    scoped: ClassVar[bool] = True
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `gross_exposure`."""
        most = armament.limits.gross_exposure
        return None if most is None else cls(most)

    def observe(self, order: Candidate, account: AccountView) -> Ratio | None:
        """Return the worst-case gross exposure after the order, as a share of equity."""
        return share(order.gross_after, order.equity)

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return both shares."""
        most = shown(self.limit, self.unit)
        if observed is None:
            return f"gross exposure cannot be judged: equity or a price is missing; the limit is {most} of equity"
        relation = "exceeds" if observed > self.limit else "is within"
        return f"gross exposure {shown(observed, self.unit)} of equity {relation} the limit {most}"
