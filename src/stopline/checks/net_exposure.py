"""Deny an order that could lean the account too far to one side.

Measures   max(|net if all buys fill|, |net if all sells fill|) / equity, summed over instruments.
Boundary   exactly the limit passes.
Exits      exempt.
No data    denied: a position without a price, equity unknown, zero or negative.
Source     semantics.md sections 2 and 5 (11).

Longs and shorts that are held net; what is only working never does, for nobody knows which
order fills first.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.measures.ratio import share
from stopline.model.numbers import Ratio
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class NetExposure(Check, frozen=True, gc=False):
    """The most net exposure, either way, as a share of equity."""

    name: ClassVar[str] = "net_exposure"
    unit: ClassVar[Unit] = Unit.RATIO
    scoped: ClassVar[bool] = True
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `net_exposure`."""
        most = armament.limits.net_exposure
        return None if most is None else cls(most)

    def observe(self, order: Candidate, account: AccountView) -> Ratio | None:
        """Return the worst-case net exposure after the order, as a share of equity."""
        high, low = order.net_high_after, order.net_low_after
        if high is None or low is None:
            return None
        return share(max(abs(high), abs(low)), order.equity)

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return both shares."""
        most = shown(self.limit, self.unit)
        if observed is None:
            return f"net exposure cannot be judged: equity or a price is missing; the limit is {most} of equity"
        relation = "exceeds" if observed > self.limit else "is within"
        return f"net exposure {shown(observed, self.unit)} of equity {relation} the limit {most}"
