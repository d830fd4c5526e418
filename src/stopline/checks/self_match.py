"""Deny an entry that would trade with the account's own resting order.

Measures   the entry's limit price against the best resting price of its own account on the other
           side. A market order counts as priced one percent beyond a usable quote; a stop, or a
           market order without such a quote, would trade at any price.
Boundary   equal prices trade, and deny. One tick apart passes.
Exits      exempt: the exit goes, and the resting entry that is in its way is cancelled.
No data    needs none: nothing resting, nothing to match.
Source     CME Rule 534, MiFID RTS 7 art. 16 (self-trading); semantics.md section 5 (23).

It knows the account's own orders only, not those of other accounts of the same person.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.measures.exposure import MARKET_BUFFER_PERCENT
from stopline.model.numbers import Price, render_price
from stopline.model.order import OrderType
from stopline.model.verdict import Unit
from stopline.state.view import AccountView

_MARKET = OrderType.MARKET


class SelfMatch(Check, frozen=True, gc=False):
    """Observes 1 for an entry that would meet an order of its own account."""

    limit: int = 0

    name: ClassVar[str] = "self_match"
    unit: ClassVar[Unit] = Unit.STATE

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `self_match`."""
        return cls() if armament.limits.self_match else None

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return 1 if the entry would trade with the account's own order."""
        best = _opposite(order)
        if best is None:
            return 0
        price = order.request.limit_price
        if price is None:
            price = _reach(order)
        return 1 if price is None or (price - best) * order.sign >= 0 else 0

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return the resting price, and what would pass."""
        best = _opposite(order)
        if best is None:
            return "nothing of the account's own rests on the other side"
        verb, side, way = ("buy", "sell", "below") if order.sign > 0 else ("sell", "buy", "above")
        resting = f"the account's own {side} order resting at {render_price(best)}"
        if observed:
            return f"would trade with {resting}: {verb} with a limit {way} it, or cancel it first"
        return f"does not reach {resting}"


def _reach(order: Candidate) -> Price | None:
    """Return how far a market order may trade; None: who knows."""
    quote = order.quote
    if order.request.order_type is not _MARKET or quote is None or not quote.usable:
        return None
    touch = quote.ask if order.sign > 0 else quote.bid
    return None if touch is None else touch + order.sign * abs(touch) * MARKET_BUFFER_PERCENT // 100


def _opposite(order: Candidate) -> Price | None:
    position = order.position
    if position is None:
        return None
    return position.best_resting_sell if order.sign > 0 else position.best_resting_buy
