"""Deny an order whose worst case the account could not margin.

Measures   initial margin of everything held and working at its worst, this order included, against
           equity. Cash classes: worst-case money x the account's initial ratio (all of it in a cash
           account); futures: worst-case contracts x the instrument's initial margin.
Boundary   margin exactly equal to equity passes.
Exits      exempt.
No data    denied: a position without a price, a future without a margin, equity unknown.
Source     SEC Rule 15c3-5(c)(1)(i); semantics.md sections 5 (14) and 12 (paper account).

It is our own sum, not the broker's: theirs may offset a hedge, ours never does. It does not
know a broker's intraday margin: what it holds to is the initial one.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.model.numbers import Money
from stopline.model.verdict import Finding, Unit
from stopline.state.view import AccountView


class BuyingPower(Check, frozen=True, gc=False):
    """Observes margin - equity against 0; its finding shows margin against equity."""

    limit: int = 0

    name: ClassVar[str] = "buying_power"
    unit: ClassVar[Unit] = Unit.MONEY
    scoped: ClassVar[bool] = True
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `buying_power`."""
        return cls() if armament.limits.buying_power else None

    def observe(self, order: Candidate, account: AccountView) -> Money | None:
        """Return how much margin is wanting."""
        margin, equity = order.margin_after, order.equity
        return None if margin is None or equity is None else margin - equity

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding, margin beside equity."""
        wanting = self.observe(order, account)
        status = "denied" if wanting is None or wanting > self.limit else "passed"
        return Finding(self.name, status, self.unit, order.margin_after, order.equity, self.reason(wanting, order))

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return margin and equity, or which of them is unknown."""
        if order.equity is None:
            return "buying power is unknown: a position is unpriced"
        if observed is None:
            return f"the margin of {order.symbol} is unknown: no price, or nobody stated its margin"
        relation = "exceeds" if observed > self.limit else "is within"
        margin, equity = shown(order.margin_after, self.unit), shown(order.equity, self.unit)
        return f"initial margin of the worst case {margin} {relation} equity {equity}"
