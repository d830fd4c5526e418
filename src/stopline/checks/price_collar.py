"""Deny a buy far above the market, or a sale far below it.

Measures   how far the order's price lies on the aggressive side of the reference, as a share of it.
           Reference: mid of a usable, fresh quote, else a last trade not older than 60 s. The price
           of a market order is the ask (buy) or the bid (sale).
Boundary   exactly at the band passes.
Exits      warns.
No data    no reference: a market order is denied; a limit order falls back on its own price, and
           passes.
Source     SEC Rule 15c3-5(c)(1)(ii) (erroneous price); semantics.md sections 5 (22) and 12.

A buy far below the market or a sale far above it is only patient. Stops, stop-limits and
trailing stops are exempt: they are meant to lie away from the market.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.measures.price_quality import LAST_MAX_AGE, reference_price
from stopline.model.numbers import RATIO_ONE, Nanos, Price, Ratio, div_ceil, render_price
from stopline.model.order import OrderType
from stopline.model.verdict import Unit
from stopline.state.view import AccountView

_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = OrderType.MARKET


class PriceCollar(Check, frozen=True, gc=False):
    """The most by which a price may be worse than the reference; 5 % is 50_000."""

    max_age: Nanos = LAST_MAX_AGE

    name: ClassVar[str] = "price_collar"
    unit: ClassVar[Unit] = Unit.RATIO

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `price_collar`; how old a quote may be is `quote_max_age`, else 60 s."""
        limits = armament.limits
        if limits.price_collar is None:
            return None
        return cls(limits.price_collar, LAST_MAX_AGE if limits.quote_max_age is None else limits.quote_max_age)

    def observe(self, order: Candidate, account: AccountView) -> Ratio | None:
        """Return how much worse than the reference the price is; 0 on the patient side."""
        kind = order.request.order_type
        if kind is _LIMIT:
            price = order.request.limit_price
        elif kind is _MARKET:
            price = _touch(order)
        else:
            return 0
        quote = order.quote
        reference = None if quote is None else reference_price(quote, self.max_age, order.at)
        if not reference or price is None:
            return 0 if kind is _LIMIT else None
        away = (price - reference) * order.sign
        return 0 if away <= 0 else div_ceil(away * RATIO_ONE, abs(reference))

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return how far, and the worst price that would pass."""
        band = shown(self.limit, self.unit)
        if observed is None:
            return f"there is no reference price for {order.symbol}: send a limit order; the band is {band}"
        quote = order.quote
        reference = None if quote is None else reference_price(quote, self.max_age, order.at)
        if order.request.order_type not in (_LIMIT, _MARKET):
            return "stops are exempt from the collar"
        if not reference:
            return "there is no reference price: the order's own limit price stands"
        side, verb = ("above", "buys") if order.sign > 0 else ("below", "sells")
        relation = "more than" if observed > self.limit else "within"
        return (
            f"the order {verb} {shown(observed, self.unit)} {side} the reference {render_price(reference)}: "
            f"{relation} the band of {band}, which ends at {render_price(self._edge(reference, order.sign))}"
        )

    def _edge(self, reference: Price, sign: int) -> Price:
        """Return the last price inside the band."""
        return reference + sign * (abs(reference) * self.limit // RATIO_ONE)


def _touch(order: Candidate) -> Price | None:
    """Return what a market order trades at."""
    if order.quote is None:
        return None
    return order.quote.ask if order.sign > 0 else order.quote.bid
