"""Deny an order that is worth more than one order may be.

Measures   notional = order_qty x worst price x multiplier.
Boundary   an order exactly at the limit passes.
Exits      exempt: a size limit must never trap an open position.
No data    denied. A market order is valued at the quote plus a buffer, never at a price the
           caller sent along; with no fresh quote it cannot be valued at all.
Source     SEC Rule 15c3-5(c)(1)(ii); document 001, feature 2; semantics.md sections 5 (7) and 12.

By default it speaks of equities, crypto and currencies only: one micro future is worth more
than any sensible limit for them. `money_classes` says of what.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.model.numbers import Money
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class MaxOrderNotional(Check, frozen=True, gc=False):
    """Per-order value limit. `limit` is money in the account's currency, scaled 1e-8."""

    name: ClassVar[str] = "max_order_notional"
    unit: ClassVar[Unit] = Unit.MONEY
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `max_order_notional`, for the classes that money limits speak of."""
        limits = armament.limits
        if limits.max_order_notional is None or armament.instrument.asset_class not in limits.money_classes:
            return None
        return cls(limits.max_order_notional)

    def observe(self, order: Candidate, account: AccountView) -> Money | None:
        """Return the order's notional, or None when nothing can value it."""
        return order.order_notional

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return both amounts."""
        most = shown(self.limit, self.unit)
        if observed is None:
            return f"Order size cannot be valued: no fresh quote for {order.symbol}, and the limit is {most}"
        size = shown(observed, self.unit)
        if observed > self.limit:
            return f"Order size exceeds limit: {size} > {most}"
        return f"Order size is within limit: {size} <= {most}"
