"""Deny an order for more than one order may be.

Measures   order_qty, what the order may still trade.
Boundary   a quantity exactly at the limit passes.
Exits      exempt: a size limit must never trap an open position.
No data    needs none.
Source     SEC Rule 15c3-5(c)(1)(ii) (erroneous size); semantics.md section 5 (6).

It counts shares, contracts or coins alike, and knows no price: `max_order_notional` does.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.model.numbers import Qty
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class MaxOrderQty(Check, frozen=True, gc=False):
    """Per-order quantity limit."""

    name: ClassVar[str] = "max_order_qty"
    unit: ClassVar[Unit] = Unit.QTY
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `max_order_qty`."""
        most = armament.limits.max_order_qty
        return None if most is None else cls(most)

    def observe(self, order: Candidate, account: AccountView) -> Qty:
        """Return the order's quantity."""
        return order.order_qty

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return both quantities."""
        relation = "exceeds" if observed is None or observed > self.limit else "is within"
        asked, most = shown(observed, self.unit), shown(self.limit, self.unit)
        return f"order quantity {asked} {relation} the limit {most}"
